using System.Globalization;
using System.Text.Json.Nodes;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>Finds and adds objects in a configuration document.</summary>
internal static class ConfigurationDocument
{
    private const int MaxNamed = 10;

    /// <exception cref="VerbException">There is no such subsystem; the message names the nearest.</exception>
    public static JsonObject SubsystemOf(JsonObject document, string nqn) =>
        ConfigurationEditor.Find(ConfigurationEditor.List(document, "subsystems"), "nqn", nqn, "subsystem");

    /// <exception cref="VerbException">There is no such subsystem; the message names the nearest.</exception>
    public static JsonArray NamespacesOf(JsonObject document, string nqn) =>
        ConfigurationEditor.List(SubsystemOf(document, nqn), "namespaces");

    /// <summary>The number that was typed, or else the lowest free one from 1.</summary>
    public static uint FreeNumber(JsonArray list, string attribute, uint? wanted)
    {
        if (wanted is { } number)
            return number;
        uint free = 1;
        while (ConfigurationEditor.Has(list, attribute, Text(free)))
            free++;
        return free;
    }

    /// <summary>A number as the document has it.</summary>
    public static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The entry of a host, added when there is none.</summary>
    public static JsonObject AddHost(JsonObject document, string nqn)
    {
        JsonArray list = ConfigurationEditor.List(document, "hosts");
        if (!ConfigurationEditor.Has(list, "nqn", nqn))
            list.Add((JsonNode)new JsonObject { ["nqn"] = nqn });
        return ConfigurationEditor.Find(list, "nqn", nqn, "host");
    }

    /// <summary>Adds a host to the allowed hosts of subsystems.</summary>
    /// <param name="document">The document.</param>
    /// <param name="host">HOSTNQN.</param>
    /// <param name="subsystems">SUBNQNs; none means the only subsystem.</param>
    /// <exception cref="VerbException">A subsystem does not exist, or none is named and there are several.</exception>
    public static void Allow(JsonObject document, string host, IReadOnlyList<string> subsystems)
    {
        if (subsystems.Count == 0)
        {
            string[] all = [.. ConfigurationEditor.List(document, "subsystems").Select(each => each!["nqn"]!.ToString())];
            subsystems = all.Length == 1
                ? all
                : throw new VerbException(ExitCode.Failed, all.Length == 0
                    ? "There is no subsystem yet; 'subsystem add' adds one."
                    : $"There are {all.Length} subsystems; name one or more with --subsystem: {string.Join(", ", all.Take(MaxNamed))}.");
        }
        foreach (string subsystem in subsystems)
            ConfigurationEditor.Set(SubsystemOf(document, subsystem), ConfigurationTables.Subsystem, [$"allowed_hosts+={host}"]);
    }
}
