using System.CommandLine;
using System.Text.Json.Nodes;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>port remove</c> verb.</summary>
internal sealed class PortRemoveVerb : ObjectVerb
{
    private readonly Argument<string> _number = new("id") { Description = "Its number" };

    public PortRemoveVerb()
        : base("remove", "Stops listening on a port and ends the sessions that came by it", hasSettings: false)
    {
        AddArguments(_number);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        JsonArray list = ConfigurationEditor.List(document, "ports");
        list.Remove(ConfigurationEditor.Find(list, "portid", result.GetValue(_number)!, "port"));
    }
}
