using System.Net;

namespace ManagedNvmet.Transport.Pipelines;

/// <summary>Options of a connection that a program passes as a pair of pipes.</summary>
public sealed record PipeConnectionOptions
{
    /// <summary>The address of the host, for the rules about source networks and the limit of connections of an address. Null for a host in
    /// this process, which source networks do not restrict.</summary>
    public IPEndPoint? RemoteEndPoint { get; init; }

    /// <summary>The local address, which must be that of a port of the server. The host sees the subsystems that this port exports. With
    /// null it sees every subsystem that it may use.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>The time in which the host can close its side of a connection that the target ends, in milliseconds. After that the target
    /// completes both pipes. 0 completes them at once.</summary>
    public int FarewellMilliseconds { get; init; } = 1_000;
}
