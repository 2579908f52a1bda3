namespace ManagedNvmet.Target.Access;

/// <summary>Who may use a subsystem.</summary>
public sealed record SubsystemAccess
{
    /// <summary>Every host may connect.</summary>
    public static SubsystemAccess AnyHost { get; } = new() { AllowsAnyHost = true };

    /// <summary>No host may connect.</summary>
    public static SubsystemAccess NoHost { get; } = new();

    /// <summary>Hosts without a rule may connect too. A rule binds the host that it names nevertheless.</summary>
    public bool AllowsAnyHost { get; init; }

    /// <summary>The hosts that may connect. A host with several rules needs to satisfy one of them.</summary>
    public IReadOnlyCollection<HostRule> Hosts { get; init; } = [];

    /// <summary>What becomes of a host that looks like a copy of one that is connected.</summary>
    public DuplicateHostPolicy DuplicateHosts { get; init; } = DuplicateHostPolicy.Warn;

    /// <summary>Lets in these hosts, from anywhere.</summary>
    public static SubsystemAccess Of(IEnumerable<Nqn> hosts) => new() { Hosts = [.. hosts.Select(static host => new HostRule(host))] };
}
