using System.Globalization;

namespace ManagedNvmet.Backends;

/// <summary>What sysfs says about the queue of a block device.</summary>
internal sealed record BlockQueueAttributes
{
    /// <summary>Bytes that one discard may cover; 0 when the device cannot discard.</summary>
    public long DiscardMaxBytes { get; init; }

    /// <summary>Bytes by which the device discards.</summary>
    public long DiscardGranularity { get; init; }

    /// <summary>The device keeps completed writes where a power failure loses them. True when nothing is known.</summary>
    public bool HasVolatileCache { get; init; } = true;

    /// <summary>Reads the attributes of a device, or of the disk that a partition belongs to.</summary>
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
