using ManagedNvmet.Protocol.Pdu;

namespace ManagedNvmet.Protocol.Receiving;

/// <summary>Sizes of the parts of a PDU, from a valid common header.</summary>
internal readonly struct PduLayout
{
    private readonly ulong _raw;

    /// <param name="raw">The common header as a number.</param>
    /// <param name="common">The same.</param>
    /// <param name="parameters">The negotiated parameters.</param>
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

    /// <summary>Bytes of the header, with its digest. 0 for an empty layout.</summary>
    public int HeaderBytes { get; }

    /// <summary>Bytes between the header and the data.</summary>
    public int PaddingBytes { get; }

    /// <summary>Bytes of data.</summary>
    public int DataBytes { get; }

    /// <summary>A digest follows the header.</summary>
    public bool HasHeaderDigest { get; }

    /// <summary>A digest follows the data.</summary>
    public bool HasDataDigest { get; }

    /// <summary>Bytes of the digest behind the data: 0 or 4.</summary>
    public int DataDigestBytes => HasDataDigest ? sizeof(uint) : 0;

    /// <summary>Hash of a header, by type and size.</summary>
    /// <param name="raw">The common header as a number: its type in the lowest byte, PLEN in the upper half.</param>
    public static int Hash(ulong raw) => (int)(raw >> 1) ^ (int)(raw >> 44);

    /// <summary>True when this layout belongs to the header.</summary>
    public bool IsOf(ulong header) => _raw == header && HeaderBytes != 0;
}
