using System.Collections.Immutable;
using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>A whole configuration in the model, with its effects on each host.</summary>
/// <param name="Subsystems">Subsystems by number.</param>
/// <param name="GroupTwo">State of ANA group 2 through each port. Group 1 is always optimized.</param>
internal sealed record ModelState(ImmutableSortedDictionary<int, ModelSubsystem> Subsystems, ImmutableArray<AnaState> GroupTwo)
{
    public const int HostCount = 3;
    public const int PortCount = 2;
    public const int SubsystemCount = 3;
    public const uint NamespaceCount = 4;

    /// <summary>The initial state: two subsystems that every host may use, with two namespaces each.</summary>
    public static ModelState First { get; } = new(
        Enumerable.Range(0, 2).ToImmutableSortedDictionary(
            number => number, _ => new ModelSubsystem(null, 3, false, 0, Fresh(1).AddRange(Fresh(2)))),
        [AnaState.Optimized, AnaState.Optimized]);

    /// <summary>Returns the port through which a host always connects.</summary>
    public static int PortOf(int host) => host % PortCount;

    public static Nqn HostName(int host) => Nqn.Parse($"nqn.2026-11.com.example:host{host}");

    public static Nqn SubsystemName(int subsystem) => Nqn.Parse($"nqn.2026-11.com.example:subsystem{subsystem}");

    public static ImmutableSortedDictionary<uint, ModelNamespace> Fresh(uint id) =>
        ImmutableSortedDictionary<uint, ModelNamespace>.Empty.Add(id, new ModelNamespace(1, true, false, id % 2 + 1, null, 0));

    public bool MayUse(int host, int subsystem) =>
        Subsystems.TryGetValue(subsystem, out ModelSubsystem? found) && found.Allows(host) && found.IsAt(PortOf(host));

    /// <summary>Returns the namespace if the host sees it, else null.</summary>
    public ModelNamespace? Seen(int host, int subsystem, uint id) =>
        Subsystems.TryGetValue(subsystem, out ModelSubsystem? found) && found.Namespaces.TryGetValue(id, out ModelNamespace? each)
            && each.IsSeenBy(host) ? each : null;

    public AnaState AnaStateOf(int host, uint group) => group == 2 ? GroupTwo[PortOf(host)] : AnaState.Optimized;

    /// <summary>Returns the discovery log of a host: subsystems and PORTIDs.</summary>
    public IEnumerable<string> Told(int host) =>
        from subsystem in Subsystems
        where !subsystem.Value.IsHidden && subsystem.Value.Allows(host)
        from port in Enumerable.Range(0, PortCount)
        where subsystem.Value.IsAt(port)
        select $"{SubsystemName(subsystem.Key)} at {port + 1}";

    /// <summary>Returns true when the association of a host with a subsystem survives the change.</summary>
    public bool KeepsSession(ModelState before, int host, int subsystem) =>
        MayUse(host, subsystem) && before.MayUse(host, subsystem)
        && Subsystems[subsystem].Revision == before.Subsystems[subsystem].Revision;

    /// <summary>Returns the NSIDs about which a host that stays connected gets an event.</summary>
    public IEnumerable<uint> ChangedSince(ModelState before, int host, int subsystem)
    {
        for (uint id = 1; id <= NamespaceCount; id++)
        {
            ModelNamespace? was = before.Seen(host, subsystem, id);
            ModelNamespace? now = Seen(host, subsystem, id);
            if (was is null && now is null)
                continue;
            if (was is null || now is null || was.HasAnotherDevice(now) || was.AnaGroup != now.AnaGroup
                || was.IsWrittenBy(host) != now.IsWrittenBy(host))
            {
                yield return id;
            }
        }
    }

    /// <summary>The NSIDs under which a host that stays connected finds another disk than before.</summary>
    public IEnumerable<uint> ReplacedSince(ModelState before, int host, int subsystem)
    {
        for (uint id = 1; id <= NamespaceCount; id++)
        {
            if (before.Seen(host, subsystem, id) is { } was && Seen(host, subsystem, id) is { } now && was.HasAnotherDevice(now))
                yield return id;
        }
    }

    public TargetConfiguration ToConfiguration() => new()
    {
        Subsystems = Subsystems.Select(each => ToConfiguration(each.Key, each.Value)).ToConfigurationList(),
        Ports = Enumerable.Range(0, PortCount).Select(port => new PortConfiguration
        {
            Id = (ushort)(port + 1),
            Address = $"127.0.0.{port + 1}",
            ServiceId = 0,
            Subsystems = Subsystems.Where(each => each.Value.IsAt(port)).Select(each => SubsystemName(each.Key)).ToConfigurationList(),
            AnaGroups = [new AnaGroupConfiguration { Id = 2, State = GroupTwo[port] }],
        }).ToConfigurationList(),
    };

    private static SubsystemConfiguration ToConfiguration(int number, ModelSubsystem subsystem) => new()
    {
        Nqn = SubsystemName(number),
        ModelNumber = $"Model {subsystem.Revision}",
        AllowAnyHost = subsystem.Allowed is null,
        AllowedHosts = Hosts(subsystem.Allowed ?? 0),
        IsHidden = subsystem.IsHidden,
        Namespaces = subsystem.Namespaces.Select(each => new NamespaceConfiguration
        {
            Id = each.Key,
            Device = $"mem:{each.Value.Mebibytes}M",
            IsEnabled = each.Value.IsEnabled,
            IsReadOnly = each.Value.IsReadOnly,
            AnaGroup = each.Value.AnaGroup,
            VisibleTo = each.Value.VisibleTo is { } seers ? Hosts(seers) : null,
            ReadOnlyFor = Hosts(each.Value.ReadOnlyFor),
        }).ToConfigurationList(),
    };

    private static ConfigurationList<Nqn> Hosts(int bits) =>
        Enumerable.Range(0, HostCount).Where(host => (bits >> host & 1) != 0).Select(HostName).ToConfigurationList();
}
