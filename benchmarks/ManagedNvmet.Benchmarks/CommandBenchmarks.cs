using BenchmarkDotNet.Attributes;
using ManagedNvmet.Backends;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Subsystems;
using ManagedNvmet.Testing;

namespace ManagedNvmet.Benchmarks;

/// <summary>Time and allocation of whole commands, from the bytes of the command capsule to the bytes of the response. They run through a
/// real target with a null device, and without a socket.</summary>
[MemoryDiagnoser]
public class CommandBenchmarks
{
    private const int CommandsTogether = 32;
    private const int TransferBytes = 4096;
    private const uint LastBlockIndex = (TransferBytes / 512) - 1;
    private const uint EnabledConfiguration = 0x0046_0001;

    private readonly TransmitBatch _batch = new();
    private ControllerConnection? _admin;
    private ControllerConnection? _queue;
    private byte[] _read = [];
    private byte[] _reads = [];
    private byte[] _write = [];
    private byte[] _flush = [];
    private byte[] _keepAlive = [];

    /// <summary>Digests: 0 is none, 3 is header and data.</summary>
    [Params(0, 3)]
    public int Digests { get; set; }

    /// <summary>Connects an admin and an I/O queue and enables the controller.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var buffers = new TestBuffers(ioBuffers: 64) { PoisonsReturned = false };
        var target = new NvmeTarget(new TargetOptions(), new DefectLogger());
        target.AddSubsystem(new SubsystemOptions
        {
            Nqn = Nqn.Parse(TestTarget.SubsystemNqn),
            SerialNumber = "0001",
            FirstControllerId = 1,
            Namespaces = [new Namespace(1, new NullDevice(1 << 30), new NamespaceIdentity(new Guid(1, 2, 3, new byte[8]), 1, 1))],
        });
        ControllerHarness adminHarness = new ControllerHarness(buffers: buffers, createHandler: target.CreateQueue)
            .Connect(Digests, queueId: 0);
        SubmissionEntry enable = Entries.Fabrics(0x00);
        enable.Flags = SubmissionEntry.PsdtSgl;
        enable.SglType = SubmissionEntry.SglTransport;
        enable.Cdw11 = 0x14;
        enable.Cdw12 = EnabledConfiguration;
        adminHarness.Send(Pdus.Capsule(enable, digests: Digests));
        adminHarness.Expect(PduType.CapsuleResp);
        _admin = adminHarness.Connection;

        ControllerHarness queueHarness = new ControllerHarness(buffers: buffers, createHandler: target.CreateQueue).Initialize(Digests);
        queueHarness.Send(Pdus.Capsule(Entries.Connect(1, queueId: 1, queueSize: 63), Entries.ConnectData(controllerId: 1), Digests));
        queueHarness.Expect(PduType.CapsuleResp);
        _queue = queueHarness.Connection;

        _read = Capsule(Entries.Transfer(Entries.Read, 1, TransferBytes));
        _reads =
            [.. Enumerable.Range(1, CommandsTogether).SelectMany(id => Capsule(Entries.Transfer(Entries.Read, (ushort)id, TransferBytes)))];
        _write = Capsule(Entries.InCapsule(Entries.Write, 1, TransferBytes), new byte[TransferBytes]);
        _flush = Capsule(Entries.Transfer(Entries.Flush, 1, 0));
        SubmissionEntry alive = Entries.Transfer(Entries.KeepAlive, 1, 0);
        alive.NamespaceId = 0;
        _keepAlive = Pdus.Capsule(alive, digests: Digests);

        // A response that is too short shows that the command failed, so that the benchmark would measure something else.
        foreach ((string name, long bytes, long minimum) in new[]
        {
            (nameof(Read4KiB), Read4KiB(), TransferBytes),
            (nameof(Write4KiB), Write4KiB(), CompletionEntry.Size),
            (nameof(Flush), Flush(), CompletionEntry.Size),
            (nameof(KeepAlive), KeepAlive(), CompletionEntry.Size),
            (nameof(Read4KiBOf32), Read4KiBOf32(), CommandsTogether * TransferBytes),
        })
        {
            if (bytes < minimum)
                throw new InvalidOperationException($"The response to {name} has {bytes} bytes, expected at least {minimum}.");
        }
    }

    /// <summary>A single read.</summary>
    [Benchmark]
    public long Read4KiB() => _queue!.Exchange(_batch, _read);

    /// <summary>One read of a batch of 32 that arrive together.</summary>
    [Benchmark(OperationsPerInvoke = CommandsTogether)]
    public long Read4KiBOf32() => _queue!.Exchange(_batch, _reads);

    /// <summary>A write with in-capsule data.</summary>
    [Benchmark]
    public long Write4KiB() => _queue!.Exchange(_batch, _write);

    /// <summary>A Flush command.</summary>
    [Benchmark]
    public long Flush() => _queue!.Exchange(_batch, _flush);

    /// <summary>A Keep Alive command on the admin queue.</summary>
    [Benchmark]
    public long KeepAlive() => _admin!.Exchange(_batch, _keepAlive);

    private byte[] Capsule(SubmissionEntry entry, byte[]? data = null)
    {
        entry.Cdw12 = data is not null || entry.SglLength > 0 ? LastBlockIndex : 0;
        return Pdus.Capsule(entry, data, Digests);
    }
}
