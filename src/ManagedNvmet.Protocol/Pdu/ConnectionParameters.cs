namespace ManagedNvmet.Protocol.Pdu;

/// <summary>Parameters that ICReq and ICResp agreed on, from one end's view.</summary>
public readonly record struct ConnectionParameters
{
    /// <summary>Header digests are on.</summary>
    public bool HeaderDigest { get; init; }

    /// <summary>Data digests are on.</summary>
    public bool DataDigest { get; init; }

    /// <summary>Alignment in bytes of the data that this end sends: (PDA of the peer + 1) × 4, 4 to 128.</summary>
    public int SendAlignment { get; init; }

    /// <summary>Bytes of a header digest on this connection: 0 or 4.</summary>
    public int HeaderDigestBytes => HeaderDigest ? 4 : 0;

    /// <summary>Bytes of a data digest on this connection: 0 or 4.</summary>
    public int DataDigestBytes => DataDigest ? 4 : 0;

    /// <summary>Offset of the data in a PDU that this end sends: header and digest, padded to the peer's alignment.</summary>
    public int DataOffset(int headerLength)
    {
        int end = headerLength + HeaderDigestBytes;
        return (end + SendAlignment - 1) / SendAlignment * SendAlignment;
    }

    /// <summary>Before the hand-shake: no digests, no padding.</summary>
    public static ConnectionParameters Initial => new() { SendAlignment = 4 };
}
