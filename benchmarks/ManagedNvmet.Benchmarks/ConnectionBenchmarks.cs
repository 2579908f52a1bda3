using BenchmarkDotNet.Attributes;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Sending;
using ManagedNvmet.Testing;

namespace ManagedNvmet.Benchmarks;

/// <summary>Time and allocation of a command capsule in the connection alone. The connection parses and validates it, puts it in a slot,
/// completes it at once, and writes the response into a batch. No command executes.</summary>
[MemoryDiagnoser]
public class ConnectionBenchmarks
{
    private const int CommandsTogether = 32;

    private readonly TransmitBatch _batch = new();
    private ControllerConnection? _connection;
    private byte[] _one = [];
    private byte[] _many = [];

    /// <summary>Digests: 0 is none, 3 is header and data.</summary>
    [Params(0, 3)]
    public int Digests { get; set; }

    /// <summary>Connects an I/O queue.</summary>
    [GlobalSetup]
    public void Setup()
    {
        ControllerHarness harness = new ControllerHarness(buffers: new TestBuffers { PoisonsReturned = false })
            .Connect(Digests, queueSize: 63);
        harness.Queue.Execute = static slot => slot.Complete(NvmeStatus.Success);
        _connection = harness.Connection;
        _one = Flush(1);
        _many = [.. Enumerable.Range(1, CommandsTogether).SelectMany(Flush)];
    }

    /// <summary>A single command.</summary>
    [Benchmark]
    public long ReceiveAndComplete() => _connection!.Exchange(_batch, _one);

    /// <summary>One command of a batch of 32 that arrive together.</summary>
    [Benchmark(OperationsPerInvoke = CommandsTogether)]
    public long ReceiveAndCompleteOf32() => _connection!.Exchange(_batch, _many);

    private byte[] Flush(int commandId) => Pdus.Capsule(Entries.Transfer(Entries.Flush, (ushort)commandId, 0), digests: Digests);
}
