using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Testing;

/// <summary>Parameters of a Connect command. The defaults are valid; a test changes single values.</summary>
public sealed record ConnectData
{
    public static readonly Nqn DiskNqn = Nqn.Parse("nqn.2026-11.com.example:disk");
    public static readonly Nqn UsualHostNqn = Nqn.Parse("nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555");

    public int QueueId { get; init; }

    public int QueueSize { get; init; } = 31;

    public ushort RecordFormat { get; init; }

    public bool DisablesFlowControl { get; init; }

    public uint KeepAlive { get; init; }

    public ushort ControllerId { get; init; } = 0xFFFF;

    public byte HostIdByte { get; init; } = 0x5A;

    public Nqn SubsystemNqn { get; init; } = DiskNqn;

    public Nqn HostNqn { get; init; } = UsualHostNqn;

    /// <summary>Changes the 1024 bytes of Connect data last, so that a test can set any byte.</summary>
    public Action<byte[]>? Damage { get; init; }

    public SubmissionEntry ToEntry() => Entries.Fabrics(FabricsCommandType.Connect) with
    {
        Cdw10 = RecordFormat | ((uint)QueueId << 16),
        Cdw11 = (uint)QueueSize | (DisablesFlowControl ? ConnectCommandData.DisableFlowControl : 0),
        Cdw12 = KeepAlive,
    };

    public byte[] ToBytes()
    {
        var bytes = new byte[ConnectCommandData.Size];
        ConnectCommandData.Write(bytes, default, ControllerId, SubsystemNqn, HostNqn);
        bytes.AsSpan(ConnectCommandData.HostIdOffset, ConnectCommandData.HostIdBytes).Fill(HostIdByte);
        Damage?.Invoke(bytes);
        return bytes;
    }
}
