namespace ManagedNvmet;

/// <summary>The implementation that transfers the bytes of TCP connections.</summary>
public enum TransportEngine
{
    /// <summary>The faster one: <see cref="Epoll"/>.</summary>
    Auto,

    /// <summary>System calls on the epoll loops of the shards.</summary>
    Epoll,

    /// <summary>System.Net.Sockets and System.IO.Pipelines.</summary>
    Pipelines,
}
