namespace ManagedNvmet.Simulation.Network;

/// <summary>One direction of a connection: a byte stream with an end.</summary>
internal sealed class Pipe(World world, Link link, NetworkOptions options)
{
    private readonly Queue<byte[]> _arrived = new();
    private int _consumedOfFirst;
    private int _inFlightBytes;
    private long _lastArrival;
    private int _corruptAfter = -1;
    private int _lowWaterBytes = 1;

    public SimulatedTransport? Sender { get; set; }

    public SimulatedTransport? Receiver { get; set; }

    /// <summary>Number of bytes that can be read now.</summary>
    public int ArrivedBytes { get; private set; }

    /// <summary>True when the sender has closed the stream and all bytes have arrived.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>True when sent bytes never arrive.</summary>
    public bool IsSilent { get; set; }

    /// <summary>As epoll reports it: from the low-water mark on, or at the end of the stream.</summary>
    public bool IsReadable => ArrivedBytes >= _lowWaterBytes || IsEnded;

    /// <summary>Sets the mark as the socket transport does; the kernel lowers it to half of the window.</summary>
    public void SetLowWater(int missingBytes) =>
        _lowWaterBytes = missingBytes < 8 * 1024 ? 1 : Math.Max(1, Math.Min(Math.Min(missingBytes, 32 * 1024), options.WindowBytes / 2));

    public bool HasRoom => _inFlightBytes + ArrivedBytes < options.WindowBytes;

    /// <summary>Changes one bit of the stream after this many further bytes.</summary>
    public void CorruptAfter(int bytes) => _corruptAfter = bytes;

    /// <summary>Accepts bytes up to the free room, or fewer. Returns their number.</summary>
    public int Send(ReadOnlySpan<ReadOnlyMemory<byte>> segments, long totalBytes)
    {
        var count = (int)Math.Min(totalBytes, options.WindowBytes - _inFlightBytes - ArrivedBytes);
        if (count > 1 && world.Random.Chance(options.PartialSendPercent))
            count = world.Random.Skewed(1, count);
        if (count <= 0)
            return 0;
        var bytes = new byte[count];
        int used = 0;
        foreach (ReadOnlyMemory<byte> segment in segments)
        {
            int taken = Math.Min(segment.Length, count - used);
            segment.Span[..taken].CopyTo(bytes.AsSpan(used));
            used += taken;
        }
        if (_corruptAfter >= 0 && _corruptAfter < count)
        {
            bytes[_corruptAfter] ^= (byte)(1 << world.Random.Below(8));
            world.Trace.Add("link {0}: a bit is damaged", link.Id);
            _corruptAfter = -1;
        }
        else if (_corruptAfter >= 0)
        {
            _corruptAfter -= count;
        }
        _inFlightBytes += count;
        if (!IsSilent)
            Deliver(() => Arrive(bytes));
        return count;
    }

    /// <summary>Closes the stream after the bytes sent so far.</summary>
    public void Finish()
    {
        if (IsSilent)
            return;
        Deliver(() =>
        {
            IsEnded = true;
            Receiver?.NoteChange();
        });
    }

    /// <summary>Reads up to this many bytes.</summary>
    public int Read(Span<byte> into)
    {
        int read = 0;
        while (read < into.Length && _arrived.TryPeek(out byte[]? chunk))
        {
            int taken = Math.Min(chunk.Length - _consumedOfFirst, into.Length - read);
            chunk.AsSpan(_consumedOfFirst, taken).CopyTo(into[read..]);
            read += taken;
            _consumedOfFirst += taken;
            if (_consumedOfFirst < chunk.Length)
                continue;
            _arrived.Dequeue();
            _consumedOfFirst = 0;
        }
        ArrivedBytes -= read;
        if (read > 0)
            world.Loop.After(world.Random.Between(options.MinDelay, options.MaxDelay), () => Sender?.NoteChange());
        return read;
    }

    /// <summary>Returns the number of bytes that the next receive returns.</summary>
    public int ReceiveSize(int limit)
    {
        int count = Math.Min(ArrivedBytes, limit);
        return count > 1 && world.Random.Chance(options.SplitPercent) ? world.Random.Skewed(1, count) : count;
    }

    private void Arrive(byte[] bytes)
    {
        _inFlightBytes -= bytes.Length;
        if (link.IsReset)
            return;
        _arrived.Enqueue(bytes);
        ArrivedBytes += bytes.Length;
        if (Receiver is { IsClosed: true })
            link.Reset();
        else
            Receiver?.NoteChange();
    }

    private void Deliver(Action arrival)
    {
        _lastArrival = Math.Max(_lastArrival, world.Loop.Now + world.Random.Between(options.MinDelay, options.MaxDelay));
        world.Loop.At(_lastArrival, arrival);
    }
}
