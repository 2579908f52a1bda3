using System.Net;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Transport.Tcp;

/// <summary>A listener cannot listen on an address.</summary>
public sealed class ListenException : IOException
{
    internal ListenException(IPEndPoint endPoint, int errno)
        : base($"Cannot listen on {endPoint}: {Explain(endPoint, errno)}") => CanHeal = errno is Errno.EADDRNOTAVAIL or Errno.ENODEV;

    /// <summary>True when a later attempt can succeed, because the machine does not have the address yet, for example before an interface
    /// is up.</summary>
    public bool CanHeal { get; }

    private static string Explain(IPEndPoint endPoint, int errno) => errno switch
    {
        Errno.EADDRINUSE => "another program already listens there. Stop it, or choose another port with "
            + $"--listen {endPoint.Address}:PORT.",
        Errno.EADDRNOTAVAIL => "no interface of this machine has that address.",
        Errno.EACCES => "ports below 1024 need a privilege (CAP_NET_BIND_SERVICE); 4420 does not.",
        _ => $"the system refused it (errno {errno}).",
    };
}
