namespace ManagedNvmet.Protocol.Pdu;

/// <summary>Fixed properties of each PDU type (NVMe/TCP Transport Specification, "PDU Types"): the one table.</summary>
/// <param name="HeaderLength">HLEN; 0 for a type that does not exist.</param>
/// <param name="HasDigests">The PDU carries the negotiated digests.</param>
/// <param name="Data">Whether data follows the header.</param>
public readonly record struct PduShape(byte HeaderLength, bool HasDigests, PduData Data)
{
    private static readonly PduShape[] Shapes =
    [
        new(128, false, PduData.Never), // 00h ICReq
        new(128, false, PduData.Never), // 01h ICResp
        new(24, false, PduData.Terminate), // 02h H2CTermReq
        new(24, false, PduData.Terminate), // 03h C2HTermReq
        new(72, true, PduData.Perhaps), // 04h CapsuleCmd
        new(24, true, PduData.Never), // 05h CapsuleResp
        new(24, true, PduData.Always), // 06h H2CData
        new(24, true, PduData.Always), // 07h C2HData
        default, // 08h reserved
        new(24, true, PduData.Never), // 09h R2T
    ];

    /// <summary>The shape of a type, by its value on the wire.</summary>
    public static PduShape Of(PduType type) => (int)type < Shapes.Length ? Shapes[(int)type] : default;

    /// <summary>False for a reserved type.</summary>
    public bool Exists => HeaderLength != 0;
}

/// <summary>Whether data follows the header of a PDU.</summary>
public enum PduData : byte
{
    /// <summary>No.</summary>
    Never,

    /// <summary>If the PDU has data.</summary>
    Perhaps,

    /// <summary>Yes.</summary>
    Always,

    /// <summary>Up to 128 bytes of the offending header, without padding or digest.</summary>
    Terminate,
}
