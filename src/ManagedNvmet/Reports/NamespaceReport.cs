namespace ManagedNvmet.Reports;

/// <summary>A disk under its number in a subsystem.</summary>
public sealed record NamespaceReport
{
    /// <summary>SUBNQN of its subsystem.</summary>
    public required string SubsystemNqn { get; init; }

    /// <summary>NSID.</summary>
    public uint Id { get; init; }

    /// <summary>The path or specification that it was given by.</summary>
    public required string Device { get; init; }

    /// <summary>What carries it, for a person: "file, direct I/O".</summary>
    public string? Medium { get; init; }

    /// <summary>Whether hosts can use it.</summary>
    public NamespaceState State { get; init; }

    /// <summary>Why it is not ready, and what would help; null when it is.</summary>
    public string? Problem { get; init; }

    /// <summary>Bytes.</summary>
    public ulong SizeBytes { get; init; }

    /// <summary>Bytes of a logical block.</summary>
    public int BlockSize { get; init; }

    /// <summary>No host may change it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>ANAGRPID.</summary>
    public uint AnaGroup { get; init; } = 1;

    /// <summary>UUID; null while it is not ready.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>NGUID, 32 hexadecimal digits.</summary>
    public string? Nguid { get; init; }

    /// <summary>EUI64, 16 hexadecimal digits.</summary>
    public string? Eui64 { get; init; }

    /// <summary>Bytes that hosts have read since the start.</summary>
    public ulong ReadBytes { get; init; }

    /// <summary>Bytes that hosts have written since the start.</summary>
    public ulong WrittenBytes { get; init; }

    /// <summary>Reads that succeeded since the start.</summary>
    public ulong Reads { get; init; }

    /// <summary>Writes that succeeded since the start.</summary>
    public ulong Writes { get; init; }

    /// <summary>Commands that failed in the disk since the start: because of its medium, or because it is full or gone.</summary>
    public ulong MediaErrors { get; init; }
}
