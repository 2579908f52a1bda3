using ManagedNvmet.Protocol.Pdu;

namespace ManagedNvmet.Protocol.Receiving;

/// <summary>What a common header that was found right says of its PDU.</summary>
internal readonly struct PduLayout
{
    private readonly ulong _raw;

    /// <param name="raw">The common header as a number.</param>
    /// <param name="common">The same.</param>
    /// <param name="parameters">What was agreed on.</param>
    public PduLayout(ulong raw, in CommonHeader common, in ConnectionParameters parameters)
    {
        _raw = raw;
        PduShape shape = PduShape.Of(common.Type);
        bool isTermination = shape.Data == PduData.Terminate;
        int length = (int)(uint)common.Length;
        HasHeaderDigest = shape.HasDigests && parameters.HeaderDigest;
        HeaderBytes = common.HeaderLength + (HasHeaderDigest ? sizeof(uint) : 0);
        bool hasData = length > HeaderBytes;
        HasDataDigest = hasData && !isTermination && parameters.DataDigest;
        int dataOffset = isTermination || !hasData ? HeaderBytes : common.DataOffset;
        PaddingBytes = dataOffset - HeaderBytes;
        DataBytes = length - dataOffset - DataDigestBytes;
    }

    /// <summary>Bytes of the header, with its digest. 0 only for a layout of nothing.</summary>
    public int HeaderBytes { get; }

    /// <summary>Bytes between the header and the data.</summary>
    public int PaddingBytes { get; }

    /// <summary>Bytes of data.</summary>
    public int DataBytes { get; }

    /// <summary>A digest stands behind the header.</summary>
    public bool HasHeaderDigest { get; }

    /// <summary>A digest stands behind the data.</summary>
    public bool HasDataDigest { get; }

    /// <summary>Bytes of the digest behind the data: 0 or 4.</summary>
    public int DataDigestBytes => HasDataDigest ? sizeof(uint) : 0;

    /// <summary>Spreads headers that differ in type or size.</summary>
    /// <param name="raw">The common header as a number: its type in the lowest byte, PLEN in the upper half.</param>
    public static int Hash(ulong raw) => (int)(raw >> 1) ^ (int)(raw >> 44);

    /// <summary>This layout is of that header.</summary>
    public bool IsOf(ulong header) => _raw == header && HeaderBytes != 0;
}
