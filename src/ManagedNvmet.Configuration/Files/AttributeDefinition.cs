using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>One attribute of an object in a configuration file: its place, meaning, reading, writing and comparison. The reader, the
/// writer, the schema, the suggestions and the reference are derived from the tables of these.</summary>
/// <param name="Group">The group of attributes that it stands in, such as <c>attr</c>; empty for the object itself.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means, in a sentence.</param>
internal abstract record AttributeDefinition<TRecord>(string Group, string Name, string Description)
    where TRecord : class
{
    /// <summary>An object without it cannot be understood.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Effect of a change on connected hosts.</summary>
    public ChangeImpact Impact { get; init; }

    /// <summary>The same in words, for a plan.</summary>
    public string ImpactText { get; init; } = "";

    /// <summary>False for an attribute whose value is taken from another one where it is left out.</summary>
    public bool HasDefault { get; init; } = true;

    /// <summary>A change makes the object anew in the running target: it opens the device of a namespace, the listener of a port or the
    /// whole subsystem again. Without it the change is made in place.</summary>
    public bool RebuildsObject { get; init; }

    /// <summary>The kernel's target knows it, and it has no meaning here: it is kept.</summary>
    public virtual bool IsKeptOnly => false;

    /// <summary>It holds objects, each of which a plan tells of by itself.</summary>
    public virtual bool IsListOfObjects => false;

    /// <summary>The attributes of the object that it is; null when it is no single object.</summary>
    public virtual IAttributeNames? Inner => null;

    /// <summary>The allowed values in words, for messages and documents.</summary>
    public abstract string Expected { get; }

    /// <summary>The allowed words, for a value that is one of a few words; otherwise empty.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Group and name, as one says them.</summary>
    public string Place => Group.Length == 0 ? Name : $"{Group}.{Name}";

    /// <summary>Returns the record with the value; null when the value is not allowed.</summary>
    public abstract TRecord? Read(JsonTree value, TRecord record, ReadContext context);

    /// <summary>True when the value of the record can stand in a file. A program can make others, such as a number out of range.</summary>
    public virtual bool IsValid(TRecord record) => true;

    /// <summary>True when both records have the same value of this attribute.</summary>
    public abstract bool HasSameValue(TRecord left, TRecord right);

    /// <summary>The JSON value to write; null to leave the attribute out.</summary>
    public abstract JsonNode? Write(TRecord record);

    /// <summary>JSON schema of the value, without the description.</summary>
    public abstract JsonObject Schema();
}
