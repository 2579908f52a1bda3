namespace ManagedNvmet.Target.Ports;

/// <summary>Transport Secure Channel, bits 1:0 of TREQ.</summary>
public enum SecureChannel : byte
{
    /// <summary>Not specified.</summary>
    NotSpecified = 0,

    /// <summary>The port refuses a host without TLS.</summary>
    Required = 1,

    /// <summary>The port accepts a host without TLS.</summary>
    NotRequired = 2,
}
