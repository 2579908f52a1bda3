namespace ManagedNvmet.Target.QualityOfService;

/// <summary>The limits of the I/O rate of a namespace or host. A null is no limit. A command above a limit waits and does not
/// fail.</summary>
/// <remarks>Write Zeroes and Dataset Management count as writes of 0 bytes. Flush never waits.</remarks>
public sealed record QualityOfServiceLimits
{
    /// <summary>The number of reads per second.</summary>
    public double? ReadIops { get; init; }

    /// <summary>The number of writes per second.</summary>
    public double? WriteIops { get; init; }

    /// <summary>The number of reads and writes per second.</summary>
    public double? TotalIops { get; init; }

    /// <summary>The number of bytes read per second.</summary>
    public double? ReadBytesPerSecond { get; init; }

    /// <summary>The number of bytes written per second.</summary>
    public double? WriteBytesPerSecond { get; init; }

    /// <summary>The number of bytes read and written per second.</summary>
    public double? TotalBytesPerSecond { get; init; }

    /// <summary>The burst after an idle time: the amount of this many seconds may pass at once; 0.001 to 3600.</summary>
    public double BurstSeconds { get; init; } = 0.1;

    /// <summary>Returns the first error in these values, or null when they are valid.</summary>
    public string? Validate() =>
        Check(nameof(ReadIops), ReadIops) ?? Check(nameof(WriteIops), WriteIops) ?? Check(nameof(TotalIops), TotalIops)
        ?? Check(nameof(ReadBytesPerSecond), ReadBytesPerSecond) ?? Check(nameof(WriteBytesPerSecond), WriteBytesPerSecond)
        ?? Check(nameof(TotalBytesPerSecond), TotalBytesPerSecond)
        ?? (BurstSeconds is >= 0.001 and <= 3600 ? null : $"{nameof(BurstSeconds)} is {BurstSeconds}, expected 0.001 to 3600");

    private static string? Check(string name, double? value) =>
        value is null or (> 0 and < 1e15) ? null : $"{name} is {value}, expected more than 0 and less than 1e15, or nothing for no limit";
}
