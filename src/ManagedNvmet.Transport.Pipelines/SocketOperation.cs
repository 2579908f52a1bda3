using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace ManagedNvmet.Transport.Pipelines;

/// <summary>Runs one asynchronous socket call at a time and returns its error code, so that a reset by the peer causes no
/// exception.</summary>
/// <remarks>A call allocates no memory. The continuation runs on the thread that completes the call.</remarks>
internal sealed class SocketOperation : SocketAsyncEventArgs, IValueTaskSource<SocketError>
{
    private ManualResetValueTaskSourceCore<SocketError> _source;

    // Does not capture the execution context, which a connection does not need.
    public SocketOperation()
        : base(true)
    {
    }

    /// <summary>Waits for a connection, which is then in <see cref="SocketAsyncEventArgs.AcceptSocket"/>.</summary>
    public ValueTask<SocketError> AcceptAsync(Socket listening)
    {
        AcceptSocket = null;
        return Begin(listening.AcceptAsync(this));
    }

    /// <summary>Waits for input or the end of the stream without a buffer, so that an idle connection holds none.</summary>
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
