namespace ManagedNvmet.Protocol.Wire;

/// <summary>Opcodes of I/O commands (NVM Command Set Specification, "I/O Command Set").</summary>
public static class NvmOpcode
{
    /// <summary>Flush.</summary>
    public const byte Flush = 0x00;

    /// <summary>Write.</summary>
    public const byte Write = 0x01;

    /// <summary>Read.</summary>
    public const byte Read = 0x02;

    /// <summary>Write Zeroes.</summary>
    public const byte WriteZeroes = 0x08;

    /// <summary>Dataset Management.</summary>
    public const byte DatasetManagement = 0x09;
}
