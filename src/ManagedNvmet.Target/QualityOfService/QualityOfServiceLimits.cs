namespace ManagedNvmet.Target.QualityOfService;

/// <summary>How fast something may be used. What is null has no limit. Commands over a limit wait; none fails.</summary>
/// <remarks>Write Zeroes and Dataset Management count as writes without bytes; Flush is never held back.</remarks>
public sealed record QualityOfServiceLimits
{
    /// <summary>Reads in a second.</summary>
    public double? ReadIops { get; init; }

    /// <summary>Writes in a second.</summary>
    public double? WriteIops { get; init; }

    /// <summary>Reads and writes in a second.</summary>
    public double? TotalIops { get; init; }

    /// <summary>Bytes read in a second.</summary>
    public double? ReadBytesPerSecond { get; init; }

    /// <summary>Bytes written in a second.</summary>
    public double? WriteBytesPerSecond { get; init; }

    /// <summary>Bytes read and written in a second.</summary>
    public double? TotalBytesPerSecond { get; init; }

    /// <summary>After a rest, as much as in this many seconds may go at once; 0.001 to 3600.</summary>
    public double BurstSeconds { get; init; } = 0.1;

    /// <summary>Says what is wrong with these values, or null when they are sound.</summary>
    public string? Validate() =>
        Check(nameof(ReadIops), ReadIops) ?? Check(nameof(WriteIops), WriteIops) ?? Check(nameof(TotalIops), TotalIops)
        ?? Check(nameof(ReadBytesPerSecond), ReadBytesPerSecond) ?? Check(nameof(WriteBytesPerSecond), WriteBytesPerSecond)
        ?? Check(nameof(TotalBytesPerSecond), TotalBytesPerSecond)
        ?? (BurstSeconds is >= 0.001 and <= 3600 ? null : $"{nameof(BurstSeconds)} is {BurstSeconds}, expected 0.001 to 3600");

    private static string? Check(string name, double? value) =>
        value is null or (> 0 and < 1e15) ? null : $"{name} is {value}, expected more than 0 and less than 1e15, or nothing for no limit";
}
