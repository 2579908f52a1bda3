namespace ManagedNvmet.Protocol.Wire;

/// <summary>Offsets of controller properties in bytes (NVM Express Base Specification, "Controller Properties").</summary>
public static class PropertyOffset
{
    /// <summary>Controller Capabilities (CAP), 8 bytes.</summary>
    public const uint Capabilities = 0x00;

    /// <summary>Version (VS), 4 bytes.</summary>
    public const uint Version = 0x08;

    /// <summary>Controller Configuration (CC), 4 bytes.</summary>
    public const uint Configuration = 0x14;

    /// <summary>Controller Status (CSTS), 4 bytes.</summary>
    public const uint Status = 0x1C;

    /// <summary>Controller Ready Timeouts (CRTO), 4 bytes.</summary>
    public const uint ReadyTimeouts = 0x68;
}
