using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;

namespace ManagedNvmet.Tracing;

/// <summary>A running trace, which writes the PDUs of the matching connections as a pcapng file.</summary>
/// <remarks>It never waits for its reader. It drops and counts the packets for which the reader is too slow.</remarks>
public sealed class TraceSession : IDisposable
{
    // The largest piece that is written to the reader, in bytes.
    private const int ChunkBytes = 64 * 1024;

    private static readonly byte[] MadeUpComment = Encoding.UTF8.GetBytes("The connection began before the trace; this PDU was made up");
    private static readonly byte[] BrokenComment = Encoding.UTF8.GetBytes("This PDU breaks the rules of NVMe/TCP");
    private static readonly string Version =
        typeof(TraceSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private readonly Traces _owner;
    private readonly FrameRing[] _rings;
    private readonly ConcurrentDictionary<ControllerConnection, ConnectionTap> _taps = new();
    private readonly ArrayBufferWriter<byte> _chunk = new(ChunkBytes * 2);
    private readonly PcapngWriter _writer;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly ulong _startTime = (ulong)(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
    private volatile bool _isOver;
    private long _byteCount;
    private bool _isFull;

    internal TraceSession(Traces owner, TraceRequest request, int shardCount, int ringBytes = TraceLimits.RingBytes)
    {
        _owner = owner;
        Request = request;
        _rings = new FrameRing[shardCount];
        for (int index = 0; index < shardCount; index++)
            _rings[index] = new FrameRing(ringBytes);
        _writer = new PcapngWriter(_chunk);
    }

    /// <summary>The filter and the limits of the trace.</summary>
    public TraceRequest Request { get; }

    /// <summary>The number of PDUs of the matching connections. Thread-safe.</summary>
    public long SeenCount => _rings.Sum(ring => ring.Seen);

    /// <summary>The number of recorded packets. Thread-safe.</summary>
    public long KeptCount => _rings.Sum(ring => ring.Kept);

    /// <summary>The number of packets that were lost because the reader was too slow. Thread-safe.</summary>
    public long LostCount => _rings.Sum(ring => ring.Lost);

    internal bool IsOver => _isOver;

    /// <summary>The ring for the packets of the shard of this thread; null on a thread that is not a shard.</summary>
    internal FrameRing? Ring => Shard.Current is { } shard && (uint)shard.Index < (uint)_rings.Length ? _rings[shard.Index] : null;

    /// <summary>Writes the trace until it reaches a limit or its reader closes it, and ends it. Call it once.</summary>
    /// <param name="output">Receives the file. It is flushed after each write.</param>
    /// <param name="stop">Ends the trace normally, with the final statistics.</param>
    /// <param name="cancellationToken">Ends the trace without a further write.</param>
    public async Task RunAsync(Stream output, CancellationToken stop, CancellationToken cancellationToken)
    {
        try
        {
            _writer.WriteSection($"managed-nvmet {Version}");
            _writer.WriteInterface("managed-nvmet", Request.Describe());
            await FlushAsync(output, cancellationToken).ConfigureAwait(false);
            long lastStatistics = _startedAt;
            while (!_isFull && !stop.IsCancellationRequested && !(Stopwatch.GetElapsedTime(_startedAt) >= Request.Duration))
            {
                if (Stopwatch.GetElapsedTime(lastStatistics) >= TraceLimits.StatisticsInterval)
                {
                    lastStatistics = Stopwatch.GetTimestamp();
                    WriteStatistics();
                }
                bool hasMore = Drain();
                await FlushAsync(output, cancellationToken).ConfigureAwait(false);
                if (!hasMore)
                    await Task.Delay(TraceLimits.DrainInterval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            _isOver = true;
            while (Drain())
                await FlushAsync(output, cancellationToken).ConfigureAwait(false);
            WriteStatistics(isLast: true);
            await FlushAsync(output, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Ends the trace, also when it has not run.</summary>
    public void Dispose()
    {
        _isOver = true;
        _owner.Remove(this);

        // A tap removes itself at the next PDU of its connection after the end of the trace. An idle connection needs this post.
        foreach ((ControllerConnection connection, ConnectionTap tap) in _taps)
            connection.Scheduler.Post(static state => ((ConnectionTap)state!).Begin(), tap);
    }

    /// <summary>Adds a connection to the trace. On the thread of the connection.</summary>
    internal void Attach(ControllerConnection connection)
    {
        if (_isOver || _taps.ContainsKey(connection))
            return;
        var tap = new ConnectionTap(this, connection);
        _taps[connection] = tap;
        connection.AddTap(tap);
    }

    /// <summary>Adds a connection that already exists. Thread-safe.</summary>
    internal void AttachLater(ControllerConnection connection) => connection.Scheduler.Post(static state =>
    {
        var (session, connection) = ((TraceSession, ControllerConnection))state!;
        if (!connection.IsOpen)
            return;
        session.Attach(connection);
        if (session._taps.TryGetValue(connection, out ConnectionTap? tap))
            tap.Begin();
    }, (this, connection));

    /// <summary>Removes a connection from the trace.</summary>
    internal void Forget(ControllerConnection connection) => _taps.TryRemove(connection, out _);

    /// <summary>Converts frames of all shards into blocks, the oldest first. Returns true when it stopped because the chunk is
    /// full.</summary>
    internal bool Drain()
    {
        while (_chunk.WrittenCount < ChunkBytes && !_isFull)
        {
            FrameRing? oldest = null;
            FrameHeader header = default;
            ReadOnlySpan<byte> frame = default;
            foreach (FrameRing ring in _rings)
            {
                if (ring.TryPeek(out FrameHeader each, out ReadOnlySpan<byte> bytes)
                    && (oldest is null || each.Timestamp < header.Timestamp))
                {
                    oldest = ring;
                    header = each;
                    frame = bytes;
                }
            }
            if (oldest is null)
                return false;
            Write(header, frame);
            oldest.Release(header);
        }
        return !_isFull;
    }

    private void Write(in FrameHeader header, ReadOnlySpan<byte> frame)
    {
        byte[] comment = header.Note switch
        {
            FrameNote.MadeUp => MadeUpComment,
            FrameNote.Broken => BrokenComment,
            FrameNote.Closed => Encoding.UTF8.GetBytes($"The connection is over: {(CloseReason)header.Reason}"),
            _ => [],
        };

        // Reserves the space of the final statistics.
        int needed = PcapngWriter.PacketBytes(frame.Length, header, comment) + PcapngWriter.StatisticsBytes;
        if (_byteCount + _chunk.WrittenCount + needed > Request.MaxBytes)
            _isFull = true;
        else
            _writer.WritePacket(TimeOf(header.Timestamp), frame, header, comment);
    }

    private void WriteStatistics(bool isLast = false)
    {
        if (isLast || _byteCount + _chunk.WrittenCount + (2 * PcapngWriter.StatisticsBytes) <= Request.MaxBytes)
            _writer.WriteStatistics(_startTime, TimeOf(Stopwatch.GetTimestamp()), SeenCount, KeptCount, LostCount);
        else
            _isFull = true;
    }

    private async Task FlushAsync(Stream output, CancellationToken cancellationToken)
    {
        if (_chunk.WrittenCount == 0)
            return;
        _byteCount += _chunk.WrittenCount;
        await output.WriteAsync(_chunk.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        _chunk.ResetWrittenCount();
    }

    private ulong TimeOf(long timestamp) => _startTime + (ulong)((Int128)(timestamp - _startedAt) * 1_000_000_000 / Stopwatch.Frequency);
}
