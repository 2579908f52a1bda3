using System.Text.Json;
using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>An attribute that is a list of objects.</summary>
internal sealed record ListAttribute<TRecord, TChild>(
    string Group,
    string Name,
    string Description,
    ObjectTable<TChild> Table,
    Func<TRecord, ConfigurationList<TChild>> Get,
    Func<TRecord, ConfigurationList<TChild>, TRecord> Set) : AttributeDefinition<TRecord>(Group, Name, Description)
    where TRecord : class
    where TChild : class
{
    public override bool IsListOfObjects => Group.Length == 0;

    public override string Expected => "a list of objects";

    public override TRecord? Read(JsonTree value, TRecord record, ReadContext context)
    {
        if (value.Kind != JsonValueKind.Array)
            return null;
        var children = new List<TChild>();
        foreach (JsonTree item in value.Items)
        {
            if (Table.Read(item, context) is { } child)
                children.Add(child);
        }
        return Set(record, children.ToConfigurationList());
    }

    public override bool HasSameValue(TRecord left, TRecord right) => Get(left).Equals(Get(right));

    // Lists of nvmetcli are always there; ours when they say something.
    public override JsonNode? Write(TRecord record) => Get(record) is { Count: 0 } && Group.Length != 0
        ? null
        : new JsonArray([.. Get(record).Select(child => (JsonNode)Table.Write(child))]);

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = Table.Schema() };
}
