using System.Diagnostics;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Connection;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp.Rebalancing;

/// <summary>Compares the load of shards now and then, and moves a connection from the busiest to the least busy one where that makes things
/// better: at most one an interval.</summary>
/// <remarks>Measures shards by the time in which they had work, and the connections of a shard by <see cref="ShardTransport.Work"/>. Costs the
/// shards nothing but two counters.</remarks>
public sealed partial class ShardBalancer : IDisposable
{
    private readonly IReadOnlyList<ShardContext> _shards;
    private readonly ILogger _logger;
    private readonly ITimer? _timer;
    private readonly RebalancePolicy _policy = new();
    private readonly Lock _gate = new();
    private readonly long[] _busyBefore;
    private Dictionary<ShardTransport, long> _workBefore = [];
    private long _takenAt;
    private Task _moving = Task.CompletedTask;
    private long _movedCount;
    private long _givenUpCount;

    /// <param name="shards">The shards, started.</param>
    /// <param name="interval">How often they are compared; zero for never.</param>
    /// <param name="time">The clock of the interval.</param>
    /// <param name="logger">Told of every move.</param>
    public ShardBalancer(IReadOnlyList<ShardContext> shards, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        _shards = shards;
        _logger = logger;
        _busyBefore = new long[shards.Count];
        for (int index = 0; index < _busyBefore.Length; index++)
            _busyBefore[index] = shards[index].Shard.BusyTicks;
        _takenAt = Stopwatch.GetTimestamp();
        if (interval > TimeSpan.Zero && shards.Count > 1)
            _timer = time.CreateTimer(static state => ((ShardBalancer)state!).Compare(), this, interval, interval);
    }

    /// <summary>Connections that went to another shard so far. From any thread.</summary>
    public long MovedCount => Volatile.Read(ref _movedCount);

    /// <summary>Connections that were to go to another shard and did not come to rest in time, so far. From any thread.</summary>
    public long GivenUpCount => Volatile.Read(ref _givenUpCount);

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Looks at the interval that ends now, and begins a move if there is one to make.</summary>
    internal void Compare()
    {
        // One that takes long is not overtaken by the next.
        if (!_gate.TryEnter())
            return;
        try
        {
            if (!_moving.IsCompleted)
                return;
            double[] busy = TakeBusy();
            IReadOnlyList<ShardLoad> loads = TakeLoads(busy);
            if (_policy.Next(loads) is { } choice)
                _moving = MoveAsync((ShardTransport)choice.Connection, choice.From, choice.To, busy);
        }
        finally
        {
            _gate.Exit();
        }
    }

    private double[] TakeBusy()
    {
        long now = Stopwatch.GetTimestamp();
        long elapsed = Math.Max(1, now - _takenAt);
        _takenAt = now;
        var busy = new double[_shards.Count];
        for (int index = 0; index < busy.Length; index++)
        {
            long ticks = _shards[index].Shard.BusyTicks;
            busy[index] = Math.Clamp((double)(ticks - _busyBefore[index]) / elapsed, 0, 1);
            _busyBefore[index] = ticks;
        }
        return busy;
    }

    private List<ShardLoad> TakeLoads(double[] busy)
    {
        // Connections are not looked at while there is nothing to even out; nor are there moves before that has lasted for a while.
        bool isUneven = RebalancePolicy.IsUneven(busy.Max(), busy.Min());
        var work = new Dictionary<ShardTransport, long>();
        var loads = new List<ShardLoad>(busy.Length);
        for (int index = 0; index < busy.Length; index++)
        {
            var connections = new List<ConnectionLoad>();
            foreach (ShardTransport each in isUneven ? _shards[index].Transports : [])
            {
                if (each.Connection is not IMovableConnection)
                    continue;
                long total = each.Work;
                work[each] = total;
                if (_workBefore.TryGetValue(each, out long before))
                    connections.Add(new ConnectionLoad(each, total - before));
            }
            loads.Add(new ShardLoad(busy[index], connections));
        }
        _workBefore = work;
        return loads;
    }

    private async Task MoveAsync(ShardTransport connection, int from, int to, double[] busy)
    {
        switch (await connection.MoveAsync(_shards[to]).ConfigureAwait(false))
        {
            case MoveOutcome.Moved:
                Interlocked.Increment(ref _movedCount);
                LogMoved(_logger, connection.Peer, from, to, busy[from], busy[to]);
                break;
            case MoveOutcome.NeverQuiet:
                Interlocked.Increment(ref _givenUpCount);
                LogGivenUp(_logger, connection.Peer, from);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "The connection from {Peer} went from shard {From}, which was busy for {FromBusy:P0} of its time, to shard {To}, {ToBusy:P0}")]
    private static partial void LogMoved(ILogger logger, string peer, int from, int to, double fromBusy, double toBusy);

    [LoggerMessage(Level = LogLevel.Debug,
        Message = "The connection from {Peer} did not come to rest in time to leave the busy shard {Shard}; another is tried")]
    private static partial void LogGivenUp(ILogger logger, string peer, int shard);
}
