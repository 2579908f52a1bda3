namespace ManagedNvmet.Configuration;

/// <summary>A namespace: a disk under its number.</summary>
public sealed record NamespaceConfiguration
{
    /// <summary>NSID, 1 to the server's limit.</summary>
    public required uint Id { get; init; }

    /// <summary>The path of a block device or file, <c>mem:SIZE</c>, <c>null:SIZE</c>, or <c>device:NAME</c> for a device that the program
    /// brings along. Never with options: each has a property.</summary>
    public required string Device { get; init; }

    /// <summary>UUID; null for one that is made once and kept.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>NGUID in wire order; null for one that is made once and kept.</summary>
    public UInt128? Nguid { get; init; }

    /// <summary>EUI-64; null for one that is made once and kept.</summary>
    public ulong? Eui64 { get; init; }

    /// <summary>ANAGRPID, 1 to 128.</summary>
    public uint AnaGroup { get; init; } = 1;

    /// <summary>It is served. One that is not keeps its number and its identity.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>No host may change it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Bytes of a logical block of a file or of memory, 512, 1024, 2048 or 4096; null for what fits.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Go through the page cache, even where direct I/O works.</summary>
    public bool IsBuffered { get; init; }

    /// <summary>Serve it although something else uses it.</summary>
    public bool IsForced { get; init; }

    /// <summary>Bytes of the sparse file to make when there is none; null to make none.</summary>
    public ulong? CreateBytes { get; init; }

    /// <summary>The hosts that see it; null for all hosts of the subsystem.</summary>
    public ConfigurationList<Nqn>? VisibleTo { get; init; }

    /// <summary>The hosts that see it and may not change it.</summary>
    public ConfigurationList<Nqn> ReadOnlyFor { get; init; } = [];

    /// <summary>Limits of all hosts together.</summary>
    public QualityOfServiceConfiguration? QualityOfService { get; init; }

    /// <summary>Limits of single hosts on this namespace.</summary>
    public ConfigurationList<HostQualityOfServiceConfiguration> HostQualityOfService { get; init; } = [];

    /// <summary>Attributes of the file that this version does not know.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
