using System.Buffers.Binary;
using System.CommandLine;
using System.Net;
using HdrHistogram;
using ManagedNvmet;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io;
using ManagedNvmet.LoadGenerator;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

var address = new Argument<string>("address") { Description = "The target, such as 127.0.0.1:4420" };
var nqn = new Argument<string>("nqn") { Description = "The subsystem's NQN" };
var size = new Option<int>("--size") { Description = "Bytes of a command", DefaultValueFactory = _ => 4096 };
var depth = new Option<int>("--depth") { Description = "Commands in flight on each queue", DefaultValueFactory = _ => 32 };
var queues = new Option<int>("--queues") { Description = "I/O queues (TCP connections)", DefaultValueFactory = _ => 1 };
var reads = new Option<int>("--reads") { Description = "Reads of 100 commands", DefaultValueFactory = _ => 100 };
var sequential = new Option<bool>("--sequential") { Description = "One address after the other" };
var seconds = new Option<int>("--seconds") { Description = "Seconds to measure, after one of warm-up", DefaultValueFactory = _ => 5 };
var pid = new Option<int?>("--server-pid") { Description = "Process whose processor time is told per command" };
var headerDigest = new Option<bool>("--header-digest");
var dataDigest = new Option<bool>("--data-digest");

var root = new RootCommand("Loads a namespace of any NVMe/TCP target and tells what came of it. It writes: point it at a disk that holds nothing.")
{
    address, nqn, size, depth, queues, reads, sequential, seconds, pid, headerDigest, dataDigest,
};
root.SetAction(async (arguments, cancellationToken) =>
{
    await using var shard = new Shard(new ShardOptions(), NullLogger.Instance);
    shard.Start();
    await using InitiatorController host = await InitiatorController.ConnectAsync(
        new InitiatorOptions
        {
            EndPoint = IPEndPoint.Parse(arguments.GetRequiredValue(address)),
            SubsystemNqn = Nqn.Parse(arguments.GetRequiredValue(nqn)),
            IoQueues = arguments.GetValue(queues),
            QueueEntries = arguments.GetValue(depth) + 1,
            HeaderDigest = arguments.GetValue(headerDigest),
            DataDigest = arguments.GetValue(dataDigest),
            Shards = [new ShardContext(shard)],
        },
        cancellationToken);
    ReadOnlyMemory<byte> identity = await host.IdentifyAsync(0x00, 1);
    int blockSize = 1 << identity.Span[130];
    var options = new LoadOptions
    {
        TransferBytes = arguments.GetValue(size),
        Depth = arguments.GetValue(depth),
        ReadPercent = arguments.GetValue(reads),
        IsSequential = arguments.GetValue(sequential),
        BlockCount = BinaryPrimitives.ReadUInt64LittleEndian(identity.Span),
        BlockSize = blockSize,
    };
    List<LoadQueue> loads = [.. host.IoQueues.Select((queue, index) => new LoadQueue(queue, options, seed: index + 1))];
    loads.ForEach(load => load.Start());
    await Task.Delay(1000, cancellationToken);
    loads.ForEach(load => load.Record(true));
    double before = arguments.GetValue(pid) is { } serverBefore ? ProcessorTime.Microseconds(serverBefore) : 0;
    long start = Environment.TickCount64;
    await Task.Delay(arguments.GetValue(seconds) * 1000, cancellationToken);
    loads.ForEach(load => load.Record(false));
    double elapsed = (Environment.TickCount64 - start) / 1000.0;
    double used = arguments.GetValue(pid) is { } serverAfter ? ProcessorTime.Microseconds(serverAfter) - before : 0;
    await Task.WhenAll(loads.Select(load => load.StopAsync()));

    var latencies = new LongHistogram(600_000_000, 3);
    loads.ForEach(load => latencies.Add(load.Latencies));
    long completed = loads.Sum(load => load.Completed);
    Console.WriteLine(
        $"{options.ReadPercent}% reads, {options.TransferBytes} bytes, depth {options.Depth} x {loads.Count}: "
        + $"{completed / elapsed:0} IOPS, {completed / elapsed * options.TransferBytes / 1e6:0} MB/s, "
        + $"latency µs mean {latencies.GetMean() / 10:0.0} p50 {latencies.GetValueAtPercentile(50) / 10.0:0.0} "
        + $"p99 {latencies.GetValueAtPercentile(99) / 10.0:0.0} p99.9 {latencies.GetValueAtPercentile(99.9) / 10.0:0.0}"
        + (used > 0 && completed > 0 ? $", server CPU {used / completed:0.00} µs a command" : "")
        + $", failed {loads.Sum(load => load.Failed)}");
    return loads.Sum(load => load.Failed) == 0 ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
