namespace ManagedNvmet.Io.Sockets;

/// <summary>The receives and sends of one round: those of several sockets in one system call where there is io_uring, otherwise one by
/// one. Belongs to the shard's thread.</summary>
public sealed class SocketBatch
{
    /// <summary>Most receives or sends of one system call.</summary>
    public const int MaxCalls = SocketRing.MostCalls;

    private readonly SocketRing? _ring;
    private readonly int _receiveBytes;
    private readonly Action<Exception> _report;
    private readonly List<IInputHandler> _receives = new(MaxCalls);
    private readonly List<Output> _sends = new(64);
    private readonly byte[]?[] _buffers = new byte[]?[MaxCalls];

    /// <param name="ring">Makes several calls at once, or null.</param>
    /// <param name="receiveBytes">Most bytes of one receive.</param>
    /// <param name="report">Takes an exception that a handler has thrown; the other handlers are served.</param>
    internal SocketBatch(SocketRing? ring, int receiveBytes, Action<Exception> report)
    {
        _ring = ring;
        _receiveBytes = receiveBytes;
        _report = report;
    }

    /// <summary>True when the batch can receive for handlers.</summary>
    internal bool CanReceive => _ring is not null;

    /// <summary>True when a send was added in this round.</summary>
    internal bool HasSends => _sends.Count != 0;

    /// <summary>Adds a receive. Only while <see cref="CanReceive"/>.</summary>
    internal void AddReceive(int fd, IInputHandler handler)
    {
        // Pinned, since the kernel writes to it by address. The kernel commits only what was ever received at once.
        byte[] buffer = _buffers[_receives.Count] ??= GC.AllocateUninitializedArray<byte>(_receiveBytes, pinned: true);
        _ring!.AddReceive(fd, buffer);
        _receives.Add(handler);
        if (_receives.Count == MaxCalls)
            Receive();
    }

    /// <summary>Makes the receives that were added, and passes their results to the handlers.</summary>
    internal void Receive()
    {
        if (_receives.Count == 0)
            return;
        _ring!.Call();
        for (int i = 0; i < _receives.Count; i++)
        {
            int result = _ring.ResultOf(i);
            try
            {
                _receives[i].OnReceived(result, _buffers[i].AsMemory(0, Math.Max(0, result)));
            }
            catch (Exception e)
            {
                _report(e);
            }
        }
        _receives.Clear();
        _ring.Clear();
    }

    /// <summary>Adds a send, whose output is asked for at the end of the round.</summary>
    internal void AddSend(int fd, ISendHandler handler) => _sends.Add(new Output(fd, handler));

    /// <summary>Makes the sends that were added, and reports their results to the handlers.</summary>
    internal void Send()
    {
        if (_ring is null || _sends.Count == 1)
        {
            foreach (Output output in _sends)
                End(output, SocketCalls.Send(output.Fd, Take(output, 0)));
        }
        else
        {
            for (int begin = 0; begin < _sends.Count; begin += MaxCalls)
                SendTogether(begin, Math.Min(begin + MaxCalls, _sends.Count));
        }
        _sends.Clear();
    }

    /// <summary>Closes the ring.</summary>
    internal void Close() => _ring?.Dispose();

    private void SendTogether(int begin, int end)
    {
        for (int i = begin; i < end; i++)
            _ring!.AddSend(_sends[i].Fd, Take(_sends[i], i - begin));
        _ring!.Call();
        for (int i = begin; i < end; i++)
            End(_sends[i], _ring.ResultOf(i - begin));
        _ring.Clear();
    }

    private ReadOnlySpan<ReadOnlyMemory<byte>> Take(Output output, int place)
    {
        try
        {
            return output.Handler.TakeOutput(place);
        }
        catch (Exception e)
        {
            _report(e);
            return default;
        }
    }

    private void End(Output output, int result)
    {
        try
        {
            output.Handler.OnSent(result);
        }
        catch (Exception e)
        {
            _report(e);
        }
    }

    private readonly record struct Output(int Fd, ISendHandler Handler);
}
