namespace ManagedNvmet.Protocol.Tests;

/// <summary>A PDU tap that reassembles the PDUs that it is shown.</summary>
internal sealed class RecordingTap : IPduTap
{
    private int _missing;

    public List<byte> Received { get; } = [];

    public List<byte> Sent { get; } = [];

    public List<PduType> SentTypes { get; } = [];

    /// <summary>Command identifiers of the sent PDUs.</summary>
    public List<int> SentCommands { get; } = [];

    public List<byte[]> Broken { get; } = [];

    public CloseReason Reason { get; private set; }

    /// <summary>Called for each completely received PDU.</summary>
    public Action? OnWhole { get; set; }

    public void OnHeader(ReadOnlySpan<byte> header, int paddingBytes, int dataBytes)
    {
        Assert.Equal(0, _missing);
        Received.AddRange(header);
        Received.AddRange(Enumerable.Repeat((byte)0xEE, paddingBytes));
        _missing = dataBytes;
        if (dataBytes == 0)
            OnWhole?.Invoke();
    }

    public void OnData(ReadOnlySpan<byte> bytes)
    {
        Received.AddRange(bytes);
        _missing -= bytes.Length;
        Assert.True(_missing >= 0);
        if (_missing == 0)
            OnWhole?.Invoke();
    }

    public void OnBroken(ReadOnlySpan<byte> header) => Broken.Add(header.ToArray());

    public void OnSent(ReadOnlySpan<ReadOnlyMemory<byte>> pieces, SubmissionEntry? entry)
    {
        SentTypes.Add((PduType)pieces[0].Span[0]);
        SentCommands.Add(entry is null ? -1 : entry.Value.CommandId);
        foreach (ReadOnlyMemory<byte> piece in pieces)
            Sent.AddRange(piece.Span);
    }

    public void OnClosed(CloseReason reason) => Reason = reason;
}
