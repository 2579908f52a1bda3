namespace ManagedNvmet.Protocol.Wire;

/// <summary>Opcodes of admin commands (NVM Express Base Specification, "Admin Command Set").</summary>
public static class AdminOpcode
{
    /// <summary>Get Log Page.</summary>
    public const byte GetLogPage = 0x02;

    /// <summary>Identify.</summary>
    public const byte Identify = 0x06;

    /// <summary>Abort.</summary>
    public const byte Abort = 0x08;

    /// <summary>Set Features.</summary>
    public const byte SetFeatures = 0x09;

    /// <summary>Get Features.</summary>
    public const byte GetFeatures = 0x0A;

    /// <summary>Asynchronous Event Request.</summary>
    public const byte AsyncEventRequest = 0x0C;

    /// <summary>Keep Alive.</summary>
    public const byte KeepAlive = 0x18;

    /// <summary>Discovery Information Management.</summary>
    public const byte DiscoveryInformationManagement = 0x21;
}
