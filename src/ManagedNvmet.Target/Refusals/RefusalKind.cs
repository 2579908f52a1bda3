namespace ManagedNvmet.Target.Refusals;

/// <summary>What was refused.</summary>
public enum RefusalKind
{
    /// <summary>A TCP connection, because of a limit.</summary>
    Connection,

    /// <summary>A connection that broke the NVMe/TCP protocol, or did not speak it.</summary>
    Pdu,

    /// <summary>A Connect command.</summary>
    Connect,

    /// <summary>A host that could not show who it is.</summary>
    Authentication,
}
