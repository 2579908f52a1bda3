using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>host set</c> verb.</summary>
internal sealed class HostSetVerb : ObjectVerb
{
    private readonly Argument<string> _nqn = new("nqn") { Description = "Its NQN (in /etc/nvme/hostnqn there)" };

    public HostSetVerb()
        : base("set", "Changes a host, such as source_networks+=192.0.2.0/24", hasSettings: true)
    {
        AddArguments(_nqn);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        JsonArray list = ConfigurationEditor.List(document, "hosts");
        ConfigurationEditor.Set(ConfigurationEditor.Find(list, "nqn", result.GetValue(_nqn)!, "host"), ConfigurationTables.Host, settings);
    }
}
