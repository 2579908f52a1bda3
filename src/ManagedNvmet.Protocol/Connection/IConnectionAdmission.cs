using System.Net;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>Decides whether one more connection is taken in, and counts those that are there.</summary>
/// <remarks>Called from any thread.</remarks>
public interface IConnectionAdmission
{
    /// <summary>Counts a connection in.</summary>
    /// <param name="local">The address of ours that the peer reached.</param>
    /// <param name="remote">Where the peer is.</param>
    /// <returns>To be disposed once when the connection is over; null when it is refused, and is to be closed at once.</returns>
    IDisposable? TryEnter(IPEndPoint? local, IPEndPoint? remote);
}
