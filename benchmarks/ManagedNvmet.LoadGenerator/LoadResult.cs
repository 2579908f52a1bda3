using System.Text.Json;

namespace ManagedNvmet.LoadGenerator;

/// <summary>What a load came to. Its JSON is what the comparing and plotting tools read.</summary>
public sealed record LoadResult
{
    /// <summary>The name given with --label.</summary>
    public string? Label { get; init; }

    /// <summary>Address and port.</summary>
    public required string Target { get; init; }

    /// <summary>SUBNQN.</summary>
    public required string Subsystem { get; init; }

    /// <summary>NSID.</summary>
    public required uint NamespaceId { get; init; }

    /// <summary>What was asked for.</summary>
    public required LoadDescription Load { get; init; }

    /// <summary>Commands a second.</summary>
    public required double Iops { get; init; }

    /// <summary>Bytes of data a second.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>Latencies of all commands; null when none ended.</summary>
    public required LatencySummary? Latency { get; init; }

    /// <summary>Latencies of reads, or null.</summary>
    public required LatencySummary? ReadLatency { get; init; }

    /// <summary>Latencies of writes, or null.</summary>
    public required LatencySummary? WriteLatency { get; init; }

    /// <summary>Commands that failed, and connections that were lost.</summary>
    public required long Errors { get; init; }

    /// <summary>The first failure in words, or null.</summary>
    public string? FirstError { get; init; }

    /// <summary>Blocks that did not hold what they had to.</summary>
    public required long VerificationFailures { get; init; }

    /// <summary>Blocks that were checked.</summary>
    public long VerifiedBlocks { get; init; }

    /// <summary>The first of the wrong blocks in words.</summary>
    public IReadOnlyList<string> VerificationMessages { get; init; } = [];

    /// <summary>Commands a second of each queue.</summary>
    public required IReadOnlyList<double> QueueIops { get; init; }

    /// <summary>Processor time of the server a command, or null when its process was not named.</summary>
    public required double? ServerCpuMicrosecondsPerIo { get; init; }

    /// <summary>Processor time of this tool a command.</summary>
    public required double ClientCpuMicrosecondsPerIo { get; init; }

    /// <summary>The load was ended before its time.</summary>
    public bool Interrupted { get; init; }

    /// <summary>Pairs of microseconds and commands; see <see cref="LatencySummary.Steps"/>.</summary>
    public required IReadOnlyList<double[]> Histogram { get; init; }

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, LoadResultJson.Readable.LoadResult);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is something else.</exception>
    public static LoadResult FromJson(string json) =>
        JsonSerializer.Deserialize(json, LoadResultJson.Readable.LoadResult) ?? throw new JsonException("The file holds null instead of a result.");
}
