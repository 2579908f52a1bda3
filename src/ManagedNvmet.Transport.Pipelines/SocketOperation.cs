using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace ManagedNvmet.Transport.Pipelines;

/// <summary>One asynchronous socket call at a time, whose result is an error code: a peer that resets its connection causes no
/// exception.</summary>
/// <remarks>Allocates nothing per call. The continuation runs on the thread that completes the call.</remarks>
internal sealed class SocketOperation : SocketAsyncEventArgs, IValueTaskSource<SocketError>
{
    private ManualResetValueTaskSourceCore<SocketError> _source;

    // The execution context of the caller means nothing to a connection.
    public SocketOperation()
        : base(true)
    {
    }

    /// <summary>Waits until a connection is there. It is in <see cref="SocketAsyncEventArgs.AcceptSocket"/> then.</summary>
    public ValueTask<SocketError> AcceptAsync(Socket listening)
    {
        AcceptSocket = null;
        return Begin(listening.AcceptAsync(this));
    }

    /// <summary>Waits until there is input or the end of the stream, without a buffer: a connection at rest holds none.</summary>
    public ValueTask<SocketError> WaitForInputAsync(Socket socket)
    {
        SetBuffer(Memory<byte>.Empty);
        return Begin(socket.ReceiveAsync(this));
    }

    /// <summary>Sends all of the data.</summary>
    public ValueTask<SocketError> SendAsync(Socket socket, ReadOnlyMemory<byte> data)
    {
        SetBuffer(MemoryMarshal.AsMemory(data));
        return Begin(socket.SendAsync(this));
    }

    SocketError IValueTaskSource<SocketError>.GetResult(short token)
    {
        SocketError result = _source.GetResult(token);
        _source.Reset();
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<SocketError>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<SocketError>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    protected override void OnCompleted(SocketAsyncEventArgs e) => _source.SetResult(SocketError);

    private ValueTask<SocketError> Begin(bool isPending) =>
        isPending ? new ValueTask<SocketError>(this, _source.Version) : new ValueTask<SocketError>(SocketError);
}
