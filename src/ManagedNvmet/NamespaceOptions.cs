namespace ManagedNvmet;

/// <summary>The options of a namespace.</summary>
public sealed record NamespaceOptions
{
    /// <summary>The disk as text: <c>PATH</c>, <c>mem:SIZE</c> or <c>null:SIZE</c>, with options after a comma, as on the command line. Set
    /// either this or <see cref="Device"/>.</summary>
    public string? Specification { get; init; }

    /// <summary>Size of the file that the server creates when <see cref="Specification"/> names one that does not exist, such as
    /// <c>10G</c>; null to create none.</summary>
    public string? CreateSize { get; init; }

    /// <summary>A device of the program. The server disposes it when it stops.</summary>
    public BlockDevice? Device { get; init; }

    /// <summary>The name of <see cref="Device"/> in the state folder, with which it keeps its identity after a restart.</summary>
    public string? Name { get; init; }

    /// <summary>NSID; by default the next free one, from 1.</summary>
    public uint? Id { get; init; }

    /// <summary>The identifiers of the namespace. By default the server creates them once and keeps them in the state folder.</summary>
    public NamespaceIdentity? Identity { get; init; }
}
