using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>subsystem remove</c> verb.</summary>
internal sealed class SubsystemRemoveVerb : ObjectVerb
{
    private readonly Argument<string> _nqn = new("nqn") { Description = "Its NQN" };

    public SubsystemRemoveVerb()
        : base("remove", "Removes a subsystem and ends the sessions of its hosts", hasSettings: false)
    {
        AddArguments(_nqn);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        string name = result.GetValue(_nqn)!;
        ConfigurationEditor.List(document, "subsystems").Remove(ConfigurationDocument.SubsystemOf(document, name));
        foreach (JsonNode? port in ConfigurationEditor.List(document, "ports"))
            ConfigurationEditor.TakeOut(port!.AsObject(), ConfigurationTables.Port, "subsystems", name);
    }
}
