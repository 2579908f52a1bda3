namespace ManagedNvmet.Target.Ports;

/// <summary>Transport Secure Channel, bits 1:0 of TREQ.</summary>
public enum SecureChannel : byte
{
    /// <summary>Nothing is said.</summary>
    NotSpecified = 0,

    /// <summary>A host without TLS is not let in.</summary>
    Required = 1,

    /// <summary>A host without TLS is let in.</summary>
    NotRequired = 2,
}
