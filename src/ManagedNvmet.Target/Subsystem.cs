using ManagedNvmet.Target.LogPages;

namespace ManagedNvmet.Target;

/// <summary>An NVM subsystem: a name, an identity and its namespaces.</summary>
public sealed class Subsystem
{
    /// <summary>SUBNQN.</summary>
    public Nqn Nqn => throw new NotImplementedException();

    /// <summary>SN: 1 to 20 ASCII characters.</summary>
    public string SerialNumber => throw new NotImplementedException();

    /// <summary>MN: 1 to 40 ASCII characters; the key of host-side rules, so it never changes.</summary>
    public string ModelNumber => throw new NotImplementedException();

    /// <summary>FR: 1 to 8 ASCII characters.</summary>
    public string FirmwareRevision => throw new NotImplementedException();

    /// <summary>The active namespaces in ascending order of NSID: a snapshot, replaced as a whole on a change.</summary>
    public ReadOnlySpan<Namespace> Namespaces => throw new NotImplementedException();

    /// <summary>The namespace of this NSID, or null. From any thread.</summary>
    public Namespace? Find(uint namespaceId) => throw new NotImplementedException();

    /// <summary>What the queues of this subsystem have done since the target was started.</summary>
    public HealthCounters Health => throw new NotImplementedException();
}
