namespace ManagedNvmet.Target.Wire;

/// <summary>What a host may count on beyond the mandatory: bits of Optional NVM Command Support (ONCS). Each command or feature that
/// stands for a bit says so itself.</summary>
[Flags]
public enum OptionalSupport : ushort
{
    /// <summary>Mandatory, or not told by ONCS.</summary>
    None = 0,

    /// <summary>NVMCMPS: Compare.</summary>
    Compare = 1 << 0,

    /// <summary>NVMWUSV: Write Uncorrectable.</summary>
    WriteUncorrectable = 1 << 1,

    /// <summary>NVMDSMSV: Dataset Management.</summary>
    DatasetManagement = 1 << 2,

    /// <summary>NVMWZSV: Write Zeroes.</summary>
    WriteZeroes = 1 << 3,

    /// <summary>SSFS: the Save field of Set Features and the Select field of Get Features.</summary>
    SaveAndSelect = 1 << 4,

    /// <summary>RESERVS: reservations.</summary>
    Reservations = 1 << 5,

    /// <summary>TSS: the Timestamp feature.</summary>
    Timestamp = 1 << 6,

    /// <summary>NVMVFYS: Verify.</summary>
    Verify = 1 << 7,

    /// <summary>NVMCPYS: Copy.</summary>
    Copy = 1 << 8,
}
