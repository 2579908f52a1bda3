using System.Net;

namespace ManagedNvmet.Target.Refusals;

/// <summary>One refusal: who, what, why, and which setting would change it. Everything that a peer chose is bounded, and made of
/// printable ASCII.</summary>
public sealed record Refusal
{
    /// <summary>1 for the first refusal since the start, and so on; given by <see cref="RefusalLog"/>.</summary>
    public long Number { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>What was refused.</summary>
    public required RefusalKind Kind { get; init; }

    /// <summary>Why.</summary>
    public required RefusalReason Reason { get; init; }

    /// <summary>Where the host is; null when it did not come over a network.</summary>
    public IPEndPoint? RemoteEndPoint { get; init; }

    /// <summary>The address of ours that it reached.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>The name that the host gave, if it came so far.</summary>
    public string? HostNqn { get; init; }

    /// <summary>The host identifier that the host gave, in the byte order of RFC 4122.</summary>
    public Guid? HostId { get; init; }

    /// <summary>The subsystem that it asked for.</summary>
    public string? SubsystemNqn { get; init; }

    /// <summary>The queue that was to be connected, 0 for an admin queue; null when the host did not come so far.</summary>
    public int? QueueId { get; init; }

    /// <summary>What a command was completed with; null when no command was refused.</summary>
    public NvmeStatus? Status { get; init; }

    /// <summary>Why, as a sentence without its capital and its full stop.</summary>
    public required string Detail { get; init; }

    /// <summary>What an operator can do, and which setting would change it.</summary>
    public required string Remedy { get; init; }
}
