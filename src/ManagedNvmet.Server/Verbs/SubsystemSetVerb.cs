using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>subsystem set</c> verb.</summary>
internal sealed class SubsystemSetVerb : ObjectVerb
{
    private readonly Argument<string> _nqn = new("nqn") { Description = "Its NQN" };

    public SubsystemSetVerb()
        : base("set", "Changes a subsystem, such as allow_any_host=0 or allowed_hosts+=NQN", hasSettings: true)
    {
        AddArguments(_nqn);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        ConfigurationEditor.Set(
            ConfigurationDocument.SubsystemOf(document, result.GetValue(_nqn)!), ConfigurationTables.Subsystem, settings);
    }
}
