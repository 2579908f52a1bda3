using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>host remove</c> verb.</summary>
internal sealed class HostRemoveVerb : ObjectVerb
{
    private static readonly string[] NamespaceLists = ["visible_to", "read_only_for", "qos_by_host"];

    private readonly Argument<string> _nqn = new("nqn") { Description = "Its NQN (in /etc/nvme/hostnqn there)" };

    public HostRemoveVerb()
        : base("remove", "Removes a host everywhere and ends its sessions", hasSettings: false) => AddArguments(_nqn);

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        string name = result.GetValue(_nqn)!;
        JsonArray list = ConfigurationEditor.List(document, "hosts");

        // A host may be allowed without an entry of its own.
        if (!TakeOutOfSubsystems(document, name) || ConfigurationEditor.Has(list, "nqn", name))
            list.Remove(ConfigurationEditor.Find(list, "nqn", name, "host"));
    }

    // A list that becomes empty stays: a namespace that only this host could see is visible to nobody then.
    private static bool TakeOutOfSubsystems(JsonObject document, string host)
    {
        bool isFound = false;
        foreach (JsonNode? subsystem in ConfigurationEditor.List(document, "subsystems"))
        {
            isFound |= ConfigurationEditor.TakeOut(subsystem!.AsObject(), ConfigurationTables.Subsystem, "allowed_hosts", host);
            foreach (JsonNode? each in ConfigurationEditor.List(subsystem!.AsObject(), "namespaces"))
            {
                foreach (string name in NamespaceLists)
                    isFound |= ConfigurationEditor.TakeOut(each!.AsObject(), ConfigurationTables.Namespace, name, host);
            }
        }
        return isFound;
    }
}
