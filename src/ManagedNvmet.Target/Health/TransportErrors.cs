using ManagedNvmet.Protocol.Pdu;

namespace ManagedNvmet.Target.Health;

/// <summary>How often peers sent what the transport protocol does not allow, or what was damaged on its way.</summary>
/// <remarks>Thread-safe. Its size is fixed, whatever peers send.</remarks>
public sealed class TransportErrors
{
    private readonly long[] _fatal = new long[Enum.GetValues<FatalErrorStatus>().Length];
    private long _dataDigests;
    private long _withdrawnEventRequests;

    /// <summary>Commands that failed because the digest of their data was wrong. Their connections go on.</summary>
    public long DataDigestErrors => Interlocked.Read(ref _dataDigests);

    /// <summary>Asynchronous Event Requests that hosts withdrew by using their command identifiers again. The specification forbids
    /// that.</summary>
    public long WithdrawnEventRequests => Interlocked.Read(ref _withdrawnEventRequests);

    /// <summary>Connections that were ended because of a PDU, by what was wrong with it; a wrong header digest is one of these.</summary>
    public long Count(FatalErrorStatus status) => Interlocked.Read(ref _fatal[(int)status]);

    internal void Add(FatalErrorStatus status) => Interlocked.Increment(ref _fatal[(int)status]);

    internal void AddWithdrawnEventRequest() => Interlocked.Increment(ref _withdrawnEventRequests);

    internal void AddDataDigestError() => Interlocked.Increment(ref _dataDigests);
}
