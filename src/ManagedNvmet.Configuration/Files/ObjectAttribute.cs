using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>An attribute that is an object with attributes of its own.</summary>
internal sealed record ObjectAttribute<TRecord, TChild>(
    string Group,
    string Name,
    string Description,
    ObjectTable<TChild> Table,
    Func<TRecord, TChild?> Get,
    Func<TRecord, TChild, TRecord> Set) : AttributeDefinition<TRecord>(Group, Name, Description)
    where TRecord : class
    where TChild : class
{
    public override IAttributeNames? Inner => Table;

    public override string Expected => "an object";

    public override TRecord? Read(JsonTree value, TRecord record, ReadContext context) =>
        value.Kind != System.Text.Json.JsonValueKind.Object ? null
        : Table.Read(value, context) is { } child ? Set(record, child)
        : record;

    public override bool HasSameValue(TRecord left, TRecord right) => Equals(Get(left), Get(right));

    public override JsonNode? Write(TRecord record) => Get(record) is { } child ? Table.Write(child) : null;

    public override JsonObject Schema() => Table.Schema();
}
