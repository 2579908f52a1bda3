using System.Diagnostics;
using ManagedNvmet.Protocol.Connection;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Tcp.Rebalancing;

/// <summary>Compares the loads of the shards periodically, and moves a connection from the busiest shard to the least busy one where that
/// balances them. It moves at most one connection per interval.</summary>
/// <remarks>The load of a shard is the time in which it had work; that of a connection is <see cref="ShardTransport.Work"/>. The
/// measurement costs the shards two counters.</remarks>
public sealed partial class ShardBalancer : IDisposable
{
    private readonly IReadOnlyList<ShardContext> _shards;
    private readonly ILogger _logger;
    private readonly ITimer? _timer;
    private readonly RebalancePolicy _policy = new();
    private readonly Lock _gate = new();
    private readonly long[] _busyBefore;
    private Dictionary<ShardTransport, long> _workBefore = [];
    private long _intervalStart;
    private Task _moving = Task.CompletedTask;
    private long _movedCount;
    private long _givenUpCount;

    /// <param name="shards">The running shards.</param>
    /// <param name="interval">Interval between two comparisons; zero disables them.</param>
    /// <param name="time">Clock of the interval.</param>
    /// <param name="logger">Receives a line for each move.</param>
    public ShardBalancer(IReadOnlyList<ShardContext> shards, TimeSpan interval, TimeProvider time, ILogger logger)
    {
        _shards = shards;
        _logger = logger;
        _busyBefore = new long[shards.Count];
        for (int index = 0; index < _busyBefore.Length; index++)
            _busyBefore[index] = shards[index].Shard.BusyTicks;
        _intervalStart = Stopwatch.GetTimestamp();
        if (interval > TimeSpan.Zero && shards.Count > 1)
            _timer = time.CreateTimer(static state => ((ShardBalancer)state!).Compare(), this, interval, interval);
    }

    /// <summary>Number of connections that have moved. May be read from any thread.</summary>
    public long MovedCount => Volatile.Read(ref _movedCount);

    /// <summary>Number of moves given up because the connection still had work in progress after 100 ms. May be read from any
    /// thread.</summary>
    public long GivenUpCount => Volatile.Read(ref _givenUpCount);

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Evaluates the interval that ends now, and starts a move if the policy chooses one.</summary>
    internal void Compare()
    {
        // Skips this interval if the comparison of the previous one is still running.
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
        long elapsed = Math.Max(1, now - _intervalStart);
        _intervalStart = now;
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
        // Reads the connections only while the shards are uneven. Before that has lasted several intervals, the policy needs no
        // connections.
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
        Message = "The connection from {Peer} moved from shard {From} (busy {FromBusy:P0}) to shard {To} (busy {ToBusy:P0})")]
    private static partial void LogMoved(ILogger logger, string peer, int from, int to, double fromBusy, double toBusy);

    [LoggerMessage(Level = LogLevel.Debug,
        Message = "The connection from {Peer} could not leave the busy shard {Shard}, because it always had work in progress")]
    private static partial void LogGivenUp(ILogger logger, string peer, int shard);
}
