using System.Net;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>Accepts or refuses new connections, and counts the open ones.</summary>
/// <remarks>Called from any thread.</remarks>
public interface IConnectionAdmission
{
    /// <summary>Asks for one more connection.</summary>
    /// <param name="local">The local address.</param>
    /// <param name="remote">The address of the peer.</param>
    /// <returns>A ticket to dispose when the connection has ended; null when the connection is refused and must be closed at
    /// once.</returns>
    IDisposable? TryEnter(IPEndPoint? local, IPEndPoint? remote);
}
