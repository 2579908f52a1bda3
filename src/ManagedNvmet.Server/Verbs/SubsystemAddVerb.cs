using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>subsystem add</c> verb.</summary>
internal sealed class SubsystemAddVerb : ObjectVerb
{
    private readonly Argument<string> _nqn = new("nqn") { Description = "Its NQN" };
    private readonly Option<bool> _anyHost = new("--allow-any-host") { Description = "Let every host connect that reaches a port of it" };

    private readonly Option<string[]> _ports = new("--port")
    {
        Description = "Number of a port to export it on. Repeatable. Default: every port",
        HelpName = "ID",
    };

    public SubsystemAddVerb()
        : base("add", "Adds a subsystem and exports it", hasSettings: true)
    {
        AddArguments(_nqn);
        AddOption(_anyHost);
        AddOption(_ports);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        string name = result.GetValue(_nqn)!;
        JsonArray list = ConfigurationEditor.List(document, "subsystems");
        if (ConfigurationEditor.Has(list, "nqn", name))
            throw new VerbException(ExitCode.Failed, $"Subsystem {name} is there already; 'subsystem set' changes it.");
        var subsystem = new JsonObject
        {
            ["nqn"] = name,
            ["attr"] = new JsonObject { ["allow_any_host"] = result.GetValue(_anyHost) ? "1" : "0" },
            ["allowed_hosts"] = new JsonArray(),
            ["namespaces"] = new JsonArray(),
        };
        ConfigurationEditor.Set(subsystem, ConfigurationTables.Subsystem, settings);
        list.Add((JsonNode)subsystem);
        JsonArray all = ConfigurationEditor.List(document, "ports");
        IEnumerable<JsonNode?> wanted = result.GetValue(_ports) is { Length: > 0 } named
            ? named.Select(id => (JsonNode?)ConfigurationEditor.Find(all, "portid", id, "port"))
            : all;
        foreach (JsonNode? port in wanted)
            ConfigurationEditor.Set(port!.AsObject(), ConfigurationTables.Port, [$"subsystems+={name}"]);
    }
}
