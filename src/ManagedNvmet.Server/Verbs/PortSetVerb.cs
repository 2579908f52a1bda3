using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>port set</c> verb.</summary>
internal sealed class PortSetVerb : ObjectVerb
{
    private readonly Argument<string> _number = new("id") { Description = "Its number" };

    public PortSetVerb()
        : base("set", "Changes a port, such as subsystems+=NQN or max_connections=64", hasSettings: true)
    {
        AddArguments(_number);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        JsonArray list = ConfigurationEditor.List(document, "ports");
        ConfigurationEditor.Set(
            ConfigurationEditor.Find(list, "portid", result.GetValue(_number)!, "port"), ConfigurationTables.Port, settings);
    }
}
