using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>Says in words how two configurations differ, attribute by attribute, from the tables of the file.</summary>
internal sealed class ConfigurationDiffer
{
    private readonly List<ConfigurationChange> _changes = [];
    private string _subject = "";

    // Made only when a subsystem differs: a large configuration has ten thousand namespaces.
    private readonly Lazy<Dictionary<Nqn, SubsystemConfiguration>> _effective;

    private ConfigurationDiffer(Func<TargetConfiguration> effective) =>
        _effective = new(() => effective().Subsystems.ToDictionary(each => each.Nqn), isThreadSafe: false);

    /// <summary>The differences; both configurations are in their normal order.</summary>
    /// <param name="from">The running configuration.</param>
    /// <param name="to">The wanted configuration.</param>
    /// <param name="effective">Returns the running configuration with the values that the server chose where it leaves an attribute out;
    /// null when these are not known.</param>
    public static ConfigurationList<ConfigurationChange> Compare(
        TargetConfiguration from, TargetConfiguration to, Func<TargetConfiguration>? effective = null)
    {
        var differ = new ConfigurationDiffer(effective ?? (() => from));
        differ.Walk(from.Hosts, to.Hosts, host => host.Nqn.Text, host => $"host {host.Nqn}",
            _ => "the host", differ.CompareHosts, _ => { });
        differ.Walk(from.Subsystems, to.Subsystems, each => each.Nqn.Text, each => $"subsystem {each.Nqn}",
            DescribeSubsystem, differ.CompareSubsystems, differ.AddNamespaces);
        differ.Walk(from.Ports, to.Ports, port => port.Id, port => $"port {port.Id}",
            DescribePort, differ.ComparePorts, _ => { });
        if (!from.Unknown.Equals(to.Unknown))
        {
            differ._subject = "file";
            differ.CompareUnknown(from.Unknown, to.Unknown, "");
        }
        return differ._changes.ToConfigurationList();
    }

    private static string DescribeSubsystem(SubsystemConfiguration subsystem) => subsystem.AllowAnyHost
        ? "the subsystem, open to every host"
        : $"the subsystem, open to {Count(subsystem.AllowedHosts.Count, "host")}";

    private static string DescribePort(PortConfiguration port) =>
        $"the port {port.TransportType} {port.Address} {port.ServiceId} with {Count(port.Subsystems.Count, "subsystem")}";

    private static string DescribeNamespace(NamespaceConfiguration each) => $"namespace {each.Id}: {each.Device}"
        + (each.IsReadOnly ? ", read-only" : "") + (each.IsEnabled ? "" : ", not enabled");

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private void Walk<T, TKey>(ConfigurationList<T> from, ConfigurationList<T> to, Func<T, TKey> keyOf, Func<T, string> nameOf,
        Func<T, string> describe, Action<T, T> compare, Action<T> added)
        where T : class
        where TKey : notnull
    {
        Dictionary<TKey, T> old = Index(from, keyOf);
        Dictionary<TKey, T> wanted = Index(to, keyOf);
        foreach (T each in from)
        {
            if (wanted.ContainsKey(keyOf(each)))
                continue;
            _subject = nameOf(each);
            Add(ChangeKind.Remove, describe(each), each is HostConfiguration ? ChangeImpact.None : ChangeImpact.Sessions, each switch
            {
                PortConfiguration => "its connections are ended",
                SubsystemConfiguration => "its associations are ended",
                _ => "",
            });
        }
        foreach (T each in to)
        {
            _subject = nameOf(each);
            if (!old.TryGetValue(keyOf(each), out T? before))
            {
                Add(ChangeKind.Add, describe(each), ChangeImpact.None, "");
                added(each);
            }
            else if (!before.Equals(each))
            {
                compare(before, each);
            }
        }
    }

    private static Dictionary<TKey, T> Index<T, TKey>(ConfigurationList<T> list, Func<T, TKey> keyOf)
        where TKey : notnull
    {
        var index = new Dictionary<TKey, T>(list.Count);
        foreach (T each in list)
            index.TryAdd(keyOf(each), each);
        return index;
    }

    private void CompareHosts(HostConfiguration from, HostConfiguration to)
    {
        CompareAttributes(ConfigurationTables.Host, from, to, from, "");
        CompareUnknown(from.Unknown, to.Unknown, "");
    }

    private void CompareSubsystems(SubsystemConfiguration from, SubsystemConfiguration to)
    {
        SubsystemConfiguration effective = _effective.Value.GetValueOrDefault(from.Nqn, from);
        CompareAttributes(ConfigurationTables.Subsystem, from, to, effective, "");
        CompareNames(
            from.AllowedHosts, to.AllowedHosts, "allowed host", ChangeImpact.Sessions, "its associations with the subsystem are ended");
        CompareUnknown(from.Unknown, to.Unknown, "");
        Dictionary<uint, NamespaceConfiguration> old = Index(from.Namespaces, each => each.Id);
        Dictionary<uint, NamespaceConfiguration> wanted = Index(to.Namespaces, each => each.Id);
        Dictionary<uint, NamespaceConfiguration> served = Index(effective.Namespaces, each => each.Id);
        foreach (NamespaceConfiguration each in from.Namespaces)
        {
            if (!wanted.ContainsKey(each.Id))
                Add(
                    ChangeKind.Remove,
                    DescribeNamespace(each),
                    ChangeImpact.Namespace,
                    "commands in flight come to their end, then hosts lose it");
        }
        foreach (NamespaceConfiguration each in to.Namespaces)
        {
            if (!old.TryGetValue(each.Id, out NamespaceConfiguration? before))
            {
                Add(ChangeKind.Add, DescribeNamespace(each), ChangeImpact.Event, "connected hosts are told");
            }
            else if (!before.Equals(each))
            {
                string prefix = $"namespace {each.Id}: ";
                CompareAttributes(ConfigurationTables.Namespace, before, each, served.GetValueOrDefault(each.Id, before), prefix);
                CompareUnknown(before.Unknown, each.Unknown, prefix);
            }
        }
    }

    private void AddNamespaces(SubsystemConfiguration subsystem)
    {
        foreach (NamespaceConfiguration each in subsystem.Namespaces)
            Add(ChangeKind.Add, DescribeNamespace(each), ChangeImpact.None, "");
    }

    private void ComparePorts(PortConfiguration from, PortConfiguration to)
    {
        CompareAttributes(ConfigurationTables.Port, from, to, from, "");
        CompareNames(from.Subsystems, to.Subsystems, "subsystem", ChangeImpact.Sessions, "its associations through this port are ended");
        CompareUnknown(from.Unknown, to.Unknown, "");
        CompareChildren(from.Referrals, to.Referrals, each => each.Name, "referral", ConfigurationTables.Referral, each => each.Unknown);
        CompareChildren(from.AnaGroups, to.AnaGroups, each => each.Id, "ANA group", ConfigurationTables.AnaGroup, each => each.Unknown);
    }

    private void CompareChildren<T, TKey>(ConfigurationList<T> from, ConfigurationList<T> to, Func<T, TKey> keyOf, string title,
        ObjectTable<T> table, Func<T, UnknownAttributes> unknownOf)
        where T : class
        where TKey : notnull
    {
        Dictionary<TKey, T> old = Index(from, keyOf);
        Dictionary<TKey, T> wanted = Index(to, keyOf);
        foreach (TKey key in old.Keys.Where(key => !wanted.ContainsKey(key)))
            Add(ChangeKind.Remove, $"{title} {key}", ChangeImpact.Event, "connected hosts are told");
        foreach ((TKey key, T each) in wanted)
        {
            if (!old.TryGetValue(key, out T? before))
            {
                string state = each is AnaGroupConfiguration group ? $": {ConfigurationTables.AnaGroup.Write(group)["ana"]?["state"]}" : "";
                Add(ChangeKind.Add, $"{title} {key}{state}", ChangeImpact.Event, "connected hosts are told");
            }
            else if (!before.Equals(each))
            {
                CompareAttributes(table, before, each, before, $"{title} {key}: ");
                CompareUnknown(unknownOf(before), unknownOf(each), $"{title} {key}: ");
            }
        }
    }

    private void CompareAttributes<T>(ObjectTable<T> table, T from, T to, T effective, string prefix)
        where T : class
    {
        foreach (AttributeDefinition<T> attribute in table.Attributes)
        {
            // Lists of objects and of names are told of entry by entry, the group "ana" repeats another attribute.
            bool isList = attribute.IsListOfObjects || attribute.Place is "allowed_hosts" or "subsystems" or "ana.grpid";
            if (isList)
                continue;
            if (attribute.HasSameValue(from, to))
                continue;
            string name = attribute.Place.Replace(ConfigurationJson.OwnGroup + ".", "", StringComparison.Ordinal);
            string text = $"{prefix}{name}: {Show(attribute.Write(from))} → {Show(attribute.Write(to))}";
            if (attribute.HasSameValue(effective, to))
                Add(ChangeKind.Change, text, ChangeImpact.None, "the value in force is written down");
            else
                Add(ChangeKind.Change, text, attribute.Impact, attribute.ImpactText);
        }
    }

    private void CompareNames(ConfigurationList<Nqn> from, ConfigurationList<Nqn> to, string title, ChangeImpact impact, string impactText)
    {
        foreach (Nqn name in from.Except(to))
            Add(ChangeKind.Remove, $"{title} {name}", impact, impactText);
        foreach (Nqn name in to.Except(from))
            Add(ChangeKind.Add, $"{title} {name}", ChangeImpact.Event, "the hosts concerned are told by discovery");
    }

    private void CompareUnknown(UnknownAttributes from, UnknownAttributes to, string prefix)
    {
        foreach (string pointer in from.Values.Keys.Union(to.Values.Keys).Order(StringComparer.Ordinal))
        {
            string? old = from.Values.GetValueOrDefault(pointer);
            string? wanted = to.Values.GetValueOrDefault(pointer);
            if (old != wanted)
                Add(
                    ChangeKind.Change,
                    $"{prefix}{pointer.Replace('/', '.')}: {old ?? "none"} → {wanted ?? "none"}",
                    ChangeImpact.None,
                    "it has no effect");
        }
    }

    private static string Show(JsonNode? value) => value switch
    {
        null => "none",
        JsonValue => value.ToString(),
        _ => value.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = ConfigurationJson.Encoder }),
    };

    private void Add(ChangeKind kind, string text, ChangeImpact impact, string impactText) =>
        _changes.Add(new ConfigurationChange(kind, _subject, text, impact, impactText));
}
