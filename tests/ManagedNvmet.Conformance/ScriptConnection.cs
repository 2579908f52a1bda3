namespace ManagedNvmet.Conformance;

/// <summary>A connection of a running script, with the received PDUs that the script has not checked yet.</summary>
internal sealed class ScriptConnection(IConformanceConnection connection, byte hpda) : IDisposable
{
    private readonly byte[] _buffer = new byte[65536];
    private readonly PduReader _reader = new(hpda);
    private readonly Queue<ReceivedPdu> _received = new();

    /// <summary>Digests that the controller enabled: bit 0 is header, bit 1 is data.</summary>
    public int Digests { get; private set; }

    public bool IsOver { get; private set; }

    public bool WasTerminated { get; private set; }

    public IReadOnlyCollection<ReceivedPdu> Unread => _received;

    public void Send(ReadOnlySpan<byte> bytes) => connection.Send(bytes);

    public void CloseSend() => connection.CloseSend();

    public void Reset()
    {
        IsOver = true;
        connection.Reset();
    }

    /// <summary>Returns the next PDU; null when the connection has closed or nothing arrives within the time.</summary>
    public ReceivedPdu? Next(TimeSpan time)
    {
        while (_received.Count == 0 && Pump(time))
        {
        }
        return _received.TryDequeue(out ReceivedPdu? pdu) ? pdu : null;
    }

    /// <summary>Receives once. Returns false when nothing arrives within the time or the connection has closed.</summary>
    public bool Pump(TimeSpan time)
    {
        if (IsOver)
            return false;
        int count = connection.Receive(_buffer, time);
        if (count == 0)
            IsOver = true;
        if (count <= 0)
            return false;
        foreach (ReceivedPdu pdu in _reader.Read(_buffer.AsSpan(0, count)))
        {
            if (pdu.Type == Protocol.Pdu.PduType.ICResp)
                Digests = pdu.Header[11];
            WasTerminated |= pdu.Type == Protocol.Pdu.PduType.C2HTermReq;
            _received.Enqueue(pdu);
        }
        return true;
    }

    public void Dispose() => connection.Dispose();
}
