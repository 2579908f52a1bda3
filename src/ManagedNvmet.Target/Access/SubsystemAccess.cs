namespace ManagedNvmet.Target.Access;

/// <summary>Decides which hosts may use a subsystem.</summary>
public sealed record SubsystemAccess
{
    /// <summary>Every host may connect.</summary>
    public static SubsystemAccess AnyHost { get; } = new() { AllowsAnyHost = true };

    /// <summary>No host may connect.</summary>
    public static SubsystemAccess NoHost { get; } = new();

    /// <summary>True when hosts without a rule may also connect. A host with a rule must still satisfy it.</summary>
    public bool AllowsAnyHost { get; init; }

    /// <summary>The rules of hosts. A host with several rules must satisfy one of them.</summary>
    public IReadOnlyCollection<HostRule> Hosts { get; init; } = [];

    /// <summary>Decides about a host whose host NQN another connected machine also has.</summary>
    public DuplicateHostPolicy DuplicateHosts { get; init; } = DuplicateHostPolicy.Warn;

    /// <summary>Allows these hosts, from every address.</summary>
    public static SubsystemAccess Of(IEnumerable<Nqn> hosts) => new() { Hosts = [.. hosts.Select(static host => new HostRule(host))] };
}
