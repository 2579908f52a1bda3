namespace ManagedNvmet.Management.Api;

/// <summary>A feature of the connections that came in by the Unix socket. Set by its listener: nothing that a peer sends can bring it
/// about.</summary>
internal sealed class UnixSocketMark
{
    public static readonly UnixSocketMark Instance = new();
}
