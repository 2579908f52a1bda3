using System.Buffers.Binary;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Tests.Core;

/// <summary>A Connect command that is right unless a test makes it wrong.</summary>
internal sealed record ConnectData
{
    public int QueueId { get; init; }

    public int QueueSize { get; init; } = 31;

    public ushort RecordFormat { get; init; }

    public bool DisablesFlowControl { get; init; }

    public uint KeepAlive { get; init; }

    public ushort ControllerId { get; init; } = 0xFFFF;

    public byte HostIdByte { get; init; } = 0x5A;

    public Nqn SubsystemNqn { get; init; } = SimulatedWorld.DiskNqn;

    public Nqn HostNqn { get; init; } = SimulatedWorld.HostNqn;

    /// <summary>The last word on the 1024 bytes.</summary>
    public Action<byte[]>? Damage { get; init; }

    public SubmissionEntry ToEntry() => SimulatedQueue.Fabrics(0x01) with
    {
        Cdw10 = RecordFormat | ((uint)QueueId << 16),
        Cdw11 = (uint)QueueSize | (DisablesFlowControl ? 1u << 18 : 0),
        Cdw12 = KeepAlive,
    };

    public byte[] ToBytes()
    {
        var bytes = new byte[1024];
        bytes.AsSpan(0, 16).Fill(HostIdByte);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(16), ControllerId);
        SubsystemNqn.WriteField(bytes.AsSpan(256, 256));
        HostNqn.WriteField(bytes.AsSpan(512, 256));
        Damage?.Invoke(bytes);
        return bytes;
    }
}
