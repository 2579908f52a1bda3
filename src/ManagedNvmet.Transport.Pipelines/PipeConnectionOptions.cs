using System.Net;

namespace ManagedNvmet.Transport.Pipelines;

/// <summary>Describes a connection that arrives as a pair of pipes.</summary>
public sealed record PipeConnectionOptions
{
    /// <summary>The address of the host. Rules about source networks and the limit of connections of an address use it. Null: the host
    /// counts as part of this process, and source networks do not restrict it.</summary>
    public IPEndPoint? RemoteEndPoint { get; init; }

    /// <summary>The address that the host reached. It must be that of a port of the server: the host then gets what this port exports.
    /// Null: the host gets every subsystem that its name may use.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>Milliseconds that the host may take to close its side of a connection that the target ends. After that the target completes
    /// both pipes. 0 completes them at once.</summary>
    public int FarewellMilliseconds { get; init; } = 1_000;
}
