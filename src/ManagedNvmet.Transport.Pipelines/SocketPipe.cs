using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace ManagedNvmet.Transport.Pipelines;

/// <summary>Connects a socket to a pair of pipes.</summary>
/// <remarks> Both pipes are bounded: a full input pipe stops the receives, and a full output pipe stops the writer. Completing the output
/// sends the end of the stream after the written bytes. <see cref="Dispose"/> closes the socket. </remarks>
internal sealed class SocketPipe : IDuplexPipe, IDisposable
{
    /// <summary>The largest number of bytes of a receive call.</summary>
    private const int ReceiveBytes = 64 * 1024;

    // Runs continuations inline, so that the shard itself makes the send call and the receiving thread wakes the shard.
    private static readonly PipeOptions Options = new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 4 * ReceiveBytes,
        resumeWriterThreshold: 2 * ReceiveBytes,
        minimumSegmentSize: ReceiveBytes,
        useSynchronizationContext: false);

    private readonly Socket _socket;
    private readonly Pipe _received = new(Options);
    private readonly Pipe _output = new(Options);
    private readonly SocketOperation _receiving = new();
    private readonly SocketOperation _sending = new();

    /// <summary>Takes a connected socket, which it later closes. It receives nothing before <see cref="Start"/>.</summary>
    public SocketPipe(Socket socket)
    {
        _socket = socket;
        socket.Blocking = false;
    }

    /// <inheritdoc/>
    public PipeReader Input => _received.Reader;

    /// <inheritdoc/>
    public PipeWriter Output => _output.Writer;

    /// <summary>Starts the transfer of bytes.</summary>
    public void Start()
    {
        _ = ReceiveAsync();
        _ = SendAsync();
    }

    /// <summary>Closes the socket. Unsent bytes are lost.</summary>
    public void Dispose() => _socket.Dispose();

    private async Task ReceiveAsync()
    {
        PipeWriter writer = _received.Writer;
        try
        {
            while (await _receiving.WaitForInputAsync(_socket).ConfigureAwait(false) == SocketError.Success)
            {
                int count = _socket.Receive(writer.GetSpan(ReceiveBytes), SocketFlags.None, out SocketError error);
                if (error == SocketError.WouldBlock)
                    continue;
                if (error != SocketError.Success || count == 0)
                    break;
                writer.Advance(count);
                if ((await writer.FlushAsync().ConfigureAwait(false)).IsCompleted)
                    break;
            }
        }
        catch (ObjectDisposedException)
        {
            // The socket was closed between two calls.
        }
        finally
        {
            await writer.CompleteAsync().ConfigureAwait(false);
            _receiving.Dispose();
        }
    }

    private async Task SendAsync()
    {
        PipeReader reader = _output.Reader;
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
                if (!await TrySendAsync(result.Buffer).ConfigureAwait(false))
                    break;
                reader.AdvanceTo(result.Buffer.End);
                if (!result.IsCompleted)
                    continue;
                _socket.Shutdown(SocketShutdown.Send);
                break;
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The socket was closed between two calls, or reset before the end of the stream was sent.
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
            _sending.Dispose();
        }
    }

    private async ValueTask<bool> TrySendAsync(ReadOnlySequence<byte> data)
    {
        foreach (ReadOnlyMemory<byte> segment in data)
        {
            if (await _sending.SendAsync(_socket, segment).ConfigureAwait(false) != SocketError.Success)
                return false;
        }
        return true;
    }
}
