namespace ManagedNvmet.Target.Ports;

/// <summary>SECTYPE: the first byte of TSAS (NVMe/TCP Transport Specification).</summary>
public enum TransportSecurity : byte
{
    /// <summary>No security.</summary>
    None = 0,

    /// <summary>TLS 1.2.</summary>
    Tls12 = 1,

    /// <summary>TLS 1.3.</summary>
    Tls13 = 2,
}
