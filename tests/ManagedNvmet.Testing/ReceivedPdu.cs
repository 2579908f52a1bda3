using System.Buffers.Binary;
using ManagedNvmet.Protocol.Pdu;

namespace ManagedNvmet.Testing;

/// <summary>A complete received PDU.</summary>
public sealed record ReceivedPdu(PduType Type, PduFlags Flags, byte[] Header, byte[] Data)
{
    public ushort CommandId => Type == PduType.CapsuleResp ? Read16(20) : Read16(8);

    public NvmeStatus Status => new(Read16(22));

    public ulong Result => BinaryPrimitives.ReadUInt64LittleEndian(Header.AsSpan(8));

    public ushort SubmissionQueueHead => Read16(16);

    public ushort TransferTag => Read16(10);

    public uint Offset => Read32(12);

    public uint Length => Read32(16);

    public FatalErrorStatus FatalStatus => (FatalErrorStatus)Read16(8);

    public uint FatalInformation => Read32(10);

    public bool IsLast => Flags.HasFlag(PduFlags.LastPdu);

    public bool IsSuccess => Flags.HasFlag(PduFlags.Success);

    public override string ToString() => Type switch
    {
        PduType.ICResp => $"ICResp dgst={Header[11]} maxh2cdata={Read32(12)}",
        PduType.CapsuleResp => $"CapsuleResp cid={CommandId} status={Status} result={Result:X} sqhd={SubmissionQueueHead}",
        PduType.C2HData => $"C2HData cid={CommandId} datao={Offset} datal={Length}{(IsLast ? " last" : "")}{(IsSuccess ? " success" : "")}",
        PduType.R2T => $"R2T cid={CommandId} ttag={TransferTag} r2to={Offset} r2tl={Length}",
        PduType.C2HTermReq => $"C2HTermReq fes={FatalStatus} fei={FatalInformation} copy={Data.Length}",
        _ => $"{Type} {Flags}",
    };

    private ushort Read16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Header.AsSpan(offset));

    private uint Read32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Header.AsSpan(offset));
}
