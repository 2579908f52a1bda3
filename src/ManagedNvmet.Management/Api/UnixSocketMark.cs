namespace ManagedNvmet.Management.Api;

/// <summary>Connection feature that marks connections through the Unix socket. The listener of the Unix socket sets it, so that a client
/// cannot forge it.</summary>
internal sealed class UnixSocketMark
{
    public static readonly UnixSocketMark Instance = new();
}
