using ManagedNvmet.Io.Native;
using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.Io.Loop;

/// <content>Receives and sends of a round. Those of several sockets are made by one system call, where there is io_uring.</content>
public sealed partial class Shard
{
    /// <summary>Most receives or sends that are made by one system call.</summary>
    public const int MostCallsTogether = SocketRing.MostCalls;

    private readonly List<Output> _outputs = new(64);
    private readonly List<IInputHandler> _inputs = new(MostCallsTogether);
    private readonly byte[]?[] _inputBuffers = new byte[]?[MostCallsTogether];
    private SocketRing? _sockets;

    // Who alone has had input lately, for whom more was received when its output was sent, and what that came to.
    private IInputHandler? _early;
    private int _earlyResult;

    /// <summary>Sends what the handler has to send, when all handlers of the end of this round have been called. To be called by one of them.</summary>
    /// <param name="fd">A connected socket.</param>
    /// <param name="handler">Asked for what is to be sent, once, and told what became of it.</param>
    public void SendAtRoundEnd(int fd, ISendHandler handler) => _outputs.Add(new Output(fd, handler));

    private void HandleReady(int ready)
    {
        // The kernel tells of descriptors in much the same order every time, and who is served last in each round gets less: everybody's turn
        // to be the first comes.
        int first = ready > 1 ? (int)((ulong)_roundCount % (uint)ready) : 0;
        for (int i = 0; i < ready; i++)
        {
            int index = first + i < ready ? first + i : first + i - ready;
            IPollHandler? handler = _polls.Take(index, out int fd, out PollEvents events);
            if (ready > 1 && _sockets is not null && events == PollEvents.In && handler is IInputHandler { TakesReceived: true } input)
                ReceiveWithOthers(fd, input);
            else
                HandleReady(handler, fd, events);
        }
        EndReceives();
    }

    private void HandleReady(IPollHandler? handler, int fd, PollEvents events)
    {
        try
        {
            handler?.OnReady(fd, events);
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    private void ReceiveWithOthers(int fd, IInputHandler input)
    {
        _sockets!.AddReceive(fd, InputBuffer(_inputs.Count));
        _inputs.Add(input);
        if (_inputs.Count == MostCallsTogether)
            EndReceives();
    }

    private void EndReceives()
    {
        if (_inputs.Count == 0)
            return;
        _sockets!.Call();
        for (int i = 0; i < _inputs.Count; i++)
            HandOver(_inputs[i], _sockets.ResultOf(i), i);
        _inputs.Clear();
        _sockets.Clear();
    }

    private void RunSends()
    {
        if (_sockets is null || (_outputs.Count == 1 && !MayReceiveMore(_outputs[0])))
        {
            foreach (Output output in _outputs)
                EndSend(output, SocketCalls.Send(output.Fd, Take(output, 0)));
        }
        else if (_outputs.Count == 1)
        {
            SendAndReceive(_outputs[0]);
        }
        else
        {
            for (int i = 0; i < _outputs.Count; i += MostCallsTogether)
                SendTogether(i, Math.Min(i + MostCallsTogether, _outputs.Count));
        }
        _outputs.Clear();
    }

    private void SendTogether(int begin, int end)
    {
        for (int i = begin; i < end; i++)
            _sockets!.AddSend(_outputs[i].Fd, Take(_outputs[i], i - begin));
        _sockets!.Call();
        for (int i = begin; i < end; i++)
            EndSend(_outputs[i], _sockets.ResultOf(i - begin));
        _sockets.Clear();
    }

    private bool MayReceiveMore(Output output) =>
        ReferenceEquals(output.Handler, _sole.Handler) && _sole.MayReceiveMore(_passStart) && _sole.Handler!.TakesReceived;

    // While the answers are sent the next commands may have come: one system call for both.
    private void SendAndReceive(Output output)
    {
        IInputHandler input = _sole.Handler!;
        _sockets!.AddSend(output.Fd, Take(output, 0));
        _sockets.AddReceive(output.Fd, InputBuffer(0));
        _sockets.Call();
        int result = _sockets.ResultOf(1);
        if (result != -Errno.EAGAIN)
        {
            _early = input;
            _earlyResult = result;
        }
        else
        {
            _sole.Missed(_spin.Ticks > 0);
        }
        EndSend(output, _sockets.ResultOf(0));
        _sockets.Clear();
    }

    private void HandOverEarly()
    {
        IInputHandler input = _early!;
        _early = null;
        HandOver(input, _earlyResult, 0);
        _sole.Took();
    }

    private void HandOver(IInputHandler input, int result, int place)
    {
        try
        {
            input.OnReceived(result, _inputBuffers[place].AsMemory(0, Math.Max(0, result)));
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    private ReadOnlySpan<ReadOnlyMemory<byte>> Take(Output output, int place)
    {
        try
        {
            return output.Handler.TakeOutput(place);
        }
        catch (Exception e)
        {
            Report(e);
            return default;
        }
    }

    private void EndSend(Output output, int result)
    {
        try
        {
            output.Handler.OnSent(result);
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    // Pinned, since the kernel writes to it by address. Only as much of it as ever comes at a time is committed.
    private byte[] InputBuffer(int place) =>
        _inputBuffers[place] ??= GC.AllocateUninitializedArray<byte>(_options.ReceiveBufferBytes, pinned: true);

    private readonly record struct Output(int Fd, ISendHandler Handler);
}
