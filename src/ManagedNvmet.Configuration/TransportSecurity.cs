namespace ManagedNvmet.Configuration;

/// <summary>The secure channel of a TCP port (TSAS of its discovery log entry).</summary>
public enum TransportSecurity
{
    /// <summary>None.</summary>
    None,

    /// <summary>TLS 1.3.</summary>
    Tls13,
}
