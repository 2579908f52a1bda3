using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>host add</c> verb.</summary>
internal sealed class HostAddVerb : ObjectVerb
{
    private readonly Argument<string> _nqn = new("nqn") { Description = "Its NQN (in /etc/nvme/hostnqn there)" };

    private readonly Option<string[]> _subsystems = new("--subsystem")
    {
        Description = "Allow it on this subsystem. Repeatable. Default: the subsystem, when there is one",
        HelpName = "NQN",
    };

    public HostAddVerb()
        : base("add", "Adds a host, and allows it on subsystems", hasSettings: true)
    {
        AddArguments(_nqn);
        AddOption(_subsystems);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        JsonObject host = ConfigurationDocument.AddHost(document, result.GetValue(_nqn)!);
        ConfigurationEditor.Set(host, ConfigurationTables.Host, settings);
        string[] named = result.GetValue(_subsystems) ?? [];
        if (named.Length == 0 && ConfigurationEditor.List(document, "subsystems").Count > 1)
            return;
        ConfigurationDocument.Allow(document, result.GetValue(_nqn)!, named);
    }
}
