using System.Globalization;

namespace ManagedNvmet.Backends;

/// <summary>Attributes of a block device's queue, from sysfs.</summary>
internal sealed record BlockQueueAttributes
{
    /// <summary>Maximum size of one discard in bytes; 0 when the device does not support discard.</summary>
    public long DiscardMaxBytes { get; init; }

    /// <summary>Granularity of discards in bytes.</summary>
    public long DiscardGranularity { get; init; }

    /// <summary>True when the device has a volatile write cache, so that a power failure can lose completed writes. Also true when sysfs
    /// does not say.</summary>
    public bool HasVolatileCache { get; init; } = true;

    /// <summary>Reads the attributes of a device. For a partition, reads those of its disk.</summary>
    public static BlockQueueAttributes Read(uint major, uint minor)
    {
        string device = $"/sys/dev/block/{major}:{minor}";
        string queue = Directory.Exists($"{device}/queue") ? $"{device}/queue" : $"{device}/../queue";
        return new BlockQueueAttributes
        {
            DiscardMaxBytes = Number($"{queue}/discard_max_bytes"),
            DiscardGranularity = Number($"{queue}/discard_granularity"),
            HasVolatileCache = Text($"{queue}/write_cache") != "write through",
        };
    }

    private static long Number(string path) =>
        long.TryParse(Text(path), NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
