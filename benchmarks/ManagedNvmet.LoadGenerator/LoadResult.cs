using System.Text.Json;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Result of a load. nvme-compare and nvme-plots read its JSON.</summary>
public sealed record LoadResult
{
    /// <summary>The name given with --label.</summary>
    public string? Label { get; init; }

    /// <summary>Address and port of the target.</summary>
    public required string Target { get; init; }

    /// <summary>NQN of the subsystem (SUBNQN).</summary>
    public required string Subsystem { get; init; }

    /// <summary>Namespace ID (NSID).</summary>
    public required uint NamespaceId { get; init; }

    /// <summary>Description of the load.</summary>
    public required LoadDescription Load { get; init; }

    /// <summary>Commands per second.</summary>
    public required double Iops { get; init; }

    /// <summary>Bytes of data per second.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>Latencies of all recorded commands; null when there are none.</summary>
    public required LatencySummary? Latency { get; init; }

    /// <summary>Latencies of reads; null when there are none.</summary>
    public required LatencySummary? ReadLatency { get; init; }

    /// <summary>Latencies of writes; null when there are none.</summary>
    public required LatencySummary? WriteLatency { get; init; }

    /// <summary>Number of failed commands plus number of lost connections.</summary>
    public required long Errors { get; init; }

    /// <summary>Description of the first error; null when there is none.</summary>
    public string? FirstError { get; init; }

    /// <summary>Number of blocks with wrong contents.</summary>
    public required long VerificationFailures { get; init; }

    /// <summary>Number of checked blocks.</summary>
    public long VerifiedBlocks { get; init; }

    /// <summary>Descriptions of the first 10 wrong blocks.</summary>
    public IReadOnlyList<string> VerificationMessages { get; init; } = [];

    /// <summary>Commands per second of each queue.</summary>
    public required IReadOnlyList<double> QueueIops { get; init; }

    /// <summary>CPU time of the server per command in µs; null when its process was not given.</summary>
    public required double? ServerCpuMicrosecondsPerIo { get; init; }

    /// <summary>CPU time of this tool per command in µs.</summary>
    public required double ClientCpuMicrosecondsPerIo { get; init; }

    /// <summary>True when the user interrupted the load.</summary>
    public bool Interrupted { get; init; }

    /// <summary>Distribution of the latencies: pairs of µs and number of commands; see <see cref="LatencySummary.Steps"/>.</summary>
    public required IReadOnlyList<double[]> Histogram { get; init; }

    /// <summary>Returns the result as one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, LoadResultJson.Readable.LoadResult);

    /// <summary>Parses the output of <see cref="ToJson"/>.</summary>
    /// <exception cref="JsonException">The text is not such an output.</exception>
    public static LoadResult FromJson(string json) =>
        JsonSerializer.Deserialize(json, LoadResultJson.Readable.LoadResult)
            ?? throw new JsonException("The file contains null instead of a result.");
}
