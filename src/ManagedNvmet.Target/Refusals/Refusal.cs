using System.Net;

namespace ManagedNvmet.Target.Refusals;

/// <summary>The refusal of a host, with its reason and a remedy. All values from the peer have a limited length and contain only printable
/// ASCII.</summary>
public sealed record Refusal
{
    /// <summary>The number of the refusal since the start, from 1. <see cref="RefusalLog"/> sets it.</summary>
    public long Number { get; init; }

    /// <summary>The time of the refusal.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The kind of refusal.</summary>
    public required RefusalKind Kind { get; init; }

    /// <summary>The reason.</summary>
    public required RefusalReason Reason { get; init; }

    /// <summary>The remote address and port; null when the host did not connect over a network.</summary>
    public IPEndPoint? RemoteEndPoint { get; init; }

    /// <summary>The local address and port of the connection.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>The host NQN, if the host sent one.</summary>
    public string? HostNqn { get; init; }

    /// <summary>The host identifier, if the host sent one, in the byte order of RFC 4122.</summary>
    public Guid? HostId { get; init; }

    /// <summary>The NQN of the requested subsystem.</summary>
    public string? SubsystemNqn { get; init; }

    /// <summary>The requested queue, 0 for an admin queue; null when the host sent no Connect command.</summary>
    public int? QueueId { get; init; }

    /// <summary>The status of the refused command; null when no command was refused.</summary>
    public NvmeStatus? Status { get; init; }

    /// <summary>The reason as a text, without a capital letter and a full stop.</summary>
    public required string Detail { get; init; }

    /// <summary>Tells the operator how to fix the cause, and with which setting.</summary>
    public required string Remedy { get; init; }
}
