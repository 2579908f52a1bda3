using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>An attribute of the kernel's target that has no meaning here. It is kept with what is unknown.</summary>
internal sealed record KeptAttribute<TRecord>(string Group, string Name, string Description)
    : AttributeDefinition<TRecord>(Group, Name, Description)
    where TRecord : class
{
    public override bool IsKeptOnly => true;

    public override string Expected => "anything";

    public override TRecord? Read(JsonTree value, TRecord record, ReadContext context) => record;

    public override bool HasSameValue(TRecord left, TRecord right) => true;

    public override JsonNode? Write(TRecord record) => null;

    public override JsonObject Schema() => [];
}
