using ManagedNvmet.Target.Health;

namespace ManagedNvmet.Target.Commands;

/// <summary>What commands may know of the subsystem that a controller belongs to.</summary>
public abstract class SubsystemIdentity
{
    private protected SubsystemIdentity(
        Nqn nqn, bool isDiscovery, string serialNumber, string modelNumber, string firmwareRevision, HealthCounters health)
    {
        Nqn = nqn;
        IsDiscovery = isDiscovery;
        SerialNumber = serialNumber;
        ModelNumber = modelNumber;
        FirmwareRevision = firmwareRevision;
        Health = health;
    }

    /// <summary>SUBNQN.</summary>
    public Nqn Nqn { get; }

    /// <summary>True for the discovery subsystem, which has no namespaces.</summary>
    public bool IsDiscovery { get; }

    /// <summary>SN: 1 to 20 ASCII characters.</summary>
    public string SerialNumber { get; }

    /// <summary>MN: 1 to 40 ASCII characters; the key of host-side rules, so it never changes.</summary>
    public string ModelNumber { get; }

    /// <summary>FR: 1 to 8 ASCII characters.</summary>
    public string FirmwareRevision { get; }

    /// <summary>Sums over the commands of this subsystem since the target was started.</summary>
    public HealthCounters Health { get; }
}
