using System.Net;

namespace ManagedNvmet.Target.Sessions;

/// <summary>A snapshot of a queue of a session.</summary>
/// <param name="Id">QID: 0 for the admin queue.</param>
/// <param name="Entries">SQSIZE + 1.</param>
/// <param name="Outstanding">The number of outstanding commands, including Asynchronous Event Requests on the admin queue.</param>
/// <param name="ConnectedSince">The time when its Connect succeeded.</param>
/// <param name="LocalEndPoint">The local address and port; null when the host did not connect over a network.</param>
/// <param name="RemoteEndPoint">The remote address and port.</param>
public sealed record SessionQueue(
    int Id, int Entries, int Outstanding, DateTimeOffset ConnectedSince, IPEndPoint? LocalEndPoint, IPEndPoint? RemoteEndPoint);
