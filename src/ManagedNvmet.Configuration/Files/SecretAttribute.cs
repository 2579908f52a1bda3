using System.Text.Json;
using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>A key that stands in the file itself, as nvmetcli writes it. It goes into the file of secrets, and is never written
/// back.</summary>
internal sealed record SecretAttribute<TRecord>(
    string Group, string Name, string Description, Func<TRecord, string> NameOfSecret, Func<TRecord, string, TRecord> Set)
    : AttributeDefinition<TRecord>(Group, Name, Description)
    where TRecord : class
{
    public override string Expected => "a key such as DHHC-1:01:…:";

    public override TRecord? Read(JsonTree value, TRecord record, ReadContext context)
    {
        if (value.Kind != JsonValueKind.String)
            return null;
        if (value.Text.Length == 0)
            return record;
        string name = NameOfSecret(record);
        context.Secrets[name] = value.Text;
        return Set(record, name);
    }

    // The name of the key has an attribute of its own.
    public override bool HasSameValue(TRecord left, TRecord right) => true;

    public override JsonNode? Write(TRecord record) => null;

    public override JsonObject Schema() => new() { ["type"] = "string" };
}
