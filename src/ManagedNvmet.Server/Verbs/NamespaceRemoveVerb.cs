using System.CommandLine;
using System.Text.Json.Nodes;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>namespace remove</c> verb.</summary>
internal sealed class NamespaceRemoveVerb : ObjectVerb
{
    private readonly Argument<string> _subsystem = new("subsystem") { Description = "NQN of its subsystem" };
    private readonly Argument<string> _number = new("nsid") { Description = "Its number" };

    public NamespaceRemoveVerb()
        : base("remove", "Removes a disk from a subsystem; commands for it fail", hasSettings: false)
    {
        AddArguments(_subsystem, _number);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        JsonArray list = ConfigurationDocument.NamespacesOf(document, result.GetValue(_subsystem)!);
        list.Remove(ConfigurationEditor.Find(list, "nsid", result.GetValue(_number)!, "namespace"));
    }
}
