namespace ManagedNvmet.Target.Discovery;

/// <summary>Subsystem Type (SUBTYPE) of a discovery log page entry.</summary>
internal enum DiscoveryRecordKind : byte
{
    /// <summary>Another discovery subsystem.</summary>
    Referral = 1,

    /// <summary>An NVM subsystem.</summary>
    NvmSubsystem = 2,

    /// <summary>The discovery subsystem that sends the log page.</summary>
    CurrentDiscovery = 3,
}
