using System.Net;

namespace ManagedNvmet.Target.Sessions;

/// <summary>One queue of a session, as it was when it was asked for.</summary>
/// <param name="Id">QID: 0 for the admin queue.</param>
/// <param name="Entries">SQSIZE + 1.</param>
/// <param name="Outstanding">Commands that are outstanding; on the admin queue the Asynchronous Event Requests too.</param>
/// <param name="ConnectedSince">When its Connect succeeded.</param>
/// <param name="LocalEndPoint">The address of ours that the host reached; null when it did not come over a network.</param>
/// <param name="RemoteEndPoint">Where the host is.</param>
public sealed record SessionQueue(
    int Id, int Entries, int Outstanding, DateTimeOffset ConnectedSince, IPEndPoint? LocalEndPoint, IPEndPoint? RemoteEndPoint);
