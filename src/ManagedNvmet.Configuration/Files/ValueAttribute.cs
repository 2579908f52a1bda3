using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>An attribute that is a property of a record.</summary>
internal sealed record ValueAttribute<TRecord, TValue>(
    string Group,
    string Name,
    string Description,
    ValueCodec<TValue> Codec,
    Func<TRecord, TValue> Get,
    Func<TRecord, TValue, TRecord> Set) : AttributeDefinition<TRecord>(Group, Name, Description)
    where TRecord : class
{
    public override string Expected => Codec.Expected;

    public override IReadOnlyList<string> Words => Codec.Words;

    public override TRecord? Read(JsonTree value, TRecord record, ReadContext context) =>
        Codec.Read(value, out TValue read) ? Set(record, read) : null;

    public override bool IsValid(TRecord record) => Codec.IsValid(Get(record));

    public override bool HasSameValue(TRecord left, TRecord right) => EqualityComparer<TValue>.Default.Equals(Get(left), Get(right));

    public override JsonNode? Write(TRecord record) => Codec.Write(Get(record));

    public override JsonObject Schema() => Codec.Schema();
}
