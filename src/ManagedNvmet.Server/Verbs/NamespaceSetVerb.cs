using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>namespace set</c> verb.</summary>
internal sealed class NamespaceSetVerb : ObjectVerb
{
    private readonly Argument<string> _subsystem = new("subsystem") { Description = "NQN of its subsystem" };
    private readonly Argument<string> _number = new("nsid") { Description = "Its number" };

    public NamespaceSetVerb()
        : base("set", "Changes a namespace, such as read_only=true or enable=0", hasSettings: true)
    {
        AddArguments(_subsystem, _number);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        JsonArray list = ConfigurationDocument.NamespacesOf(document, result.GetValue(_subsystem)!);
        ConfigurationEditor.Set(
            ConfigurationEditor.Find(list, "nsid", result.GetValue(_number)!, "namespace"), ConfigurationTables.Namespace, settings);
    }
}
