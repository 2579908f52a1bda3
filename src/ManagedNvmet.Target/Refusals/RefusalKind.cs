namespace ManagedNvmet.Target.Refusals;

/// <summary>The kind of refusal.</summary>
public enum RefusalKind
{
    /// <summary>A TCP connection, because of a limit.</summary>
    Connection,

    /// <summary>A connection that violated NVMe/TCP or used another protocol.</summary>
    Pdu,

    /// <summary>A Connect command.</summary>
    Connect,

    /// <summary>A host that failed to authenticate.</summary>
    Authentication,
}
