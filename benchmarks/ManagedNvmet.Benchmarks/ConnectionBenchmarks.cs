using BenchmarkDotNet.Attributes;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Testing;

namespace ManagedNvmet.Benchmarks;

/// <summary>A capsule through the connection alone: cut out of the stream, validated, put in a slot, completed at once, and the response written into
/// a batch. What a command itself does is not part of it.</summary>
[MemoryDiagnoser]
public class ConnectionBenchmarks
{
    private const int CommandsTogether = 32;

    private readonly TransmitBatch _batch = new();
    private ControllerConnection? _connection;
    private byte[] _one = [];
    private byte[] _many = [];

    /// <summary>Digests: 0 none, 3 header and data.</summary>
    [Params(0, 3)]
    public int Digests { get; set; }

    /// <summary>Connects.</summary>
    [GlobalSetup]
    public void Setup()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers { PoisonsReturned = false }).Connect(Digests, queueSize: 63);
        harness.Queue.Execute = static slot => slot.Complete(NvmeStatus.Success);
        _connection = harness.Connection;
        _one = Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0), digests: Digests);
        _many = [.. Enumerable.Range(1, CommandsTogether).SelectMany(id => Pdus.Capsule(Entries.Transfer(Entries.Flush, (ushort)id, 0), digests: Digests))];
    }

    /// <summary>One command alone.</summary>
    [Benchmark]
    public long ReceiveAndComplete() => _connection!.Exchange(_batch, _one);

    /// <summary>One of 32 that came together.</summary>
    [Benchmark(OperationsPerInvoke = CommandsTogether)]
    public long ReceiveAndCompleteOf32() => _connection!.Exchange(_batch, _many);
}
