using ManagedNvmet.Target.QualityOfService;

namespace ManagedNvmet.Configuration;

/// <summary>Limits of a namespace, of a host, or of all namespaces of a subsystem. Null means no limit.</summary>
public sealed record QualityOfServiceConfiguration
{
    /// <summary>Read commands a second, at least 1.</summary>
    public long? ReadIops { get; init; }

    /// <summary>Write commands a second, at least 1.</summary>
    public long? WriteIops { get; init; }

    /// <summary>Commands a second of both kinds together, at least 1.</summary>
    public long? TotalIops { get; init; }

    /// <summary>Bytes read a second, at least 4096.</summary>
    public long? ReadBytesPerSecond { get; init; }

    /// <summary>Bytes written a second, at least 4096.</summary>
    public long? WriteBytesPerSecond { get; init; }

    /// <summary>Bytes a second of both kinds together, at least 4096.</summary>
    public long? TotalBytesPerSecond { get; init; }

    /// <summary>Seconds of the limits that may be saved up and used at once, 0.001 to 60; null for 0.1.</summary>
    public double? BurstSeconds { get; init; }

    /// <summary>The same limits as the target takes them; null when no rate is limited.</summary>
    internal QualityOfServiceLimits? ToLimits()
    {
        if (this == new QualityOfServiceConfiguration { BurstSeconds = BurstSeconds })
            return null;
        var limits = new QualityOfServiceLimits
        {
            ReadIops = ReadIops,
            WriteIops = WriteIops,
            TotalIops = TotalIops,
            ReadBytesPerSecond = ReadBytesPerSecond,
            WriteBytesPerSecond = WriteBytesPerSecond,
            TotalBytesPerSecond = TotalBytesPerSecond,
        };
        return BurstSeconds is { } seconds ? limits with { BurstSeconds = seconds } : limits;
    }
}
