namespace ManagedNvmet;

/// <summary>Which part carries the bytes of TCP connections.</summary>
public enum TransportEngine
{
    /// <summary>The faster one: <see cref="Epoll"/>.</summary>
    Auto,

    /// <summary>System calls on the shards' own epoll loops.</summary>
    Epoll,

    /// <summary>System.Net.Sockets and System.IO.Pipelines.</summary>
    Pipelines,
}
