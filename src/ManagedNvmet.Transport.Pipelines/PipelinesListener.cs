using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Transport.Pipelines;

/// <summary>Accepts NVMe/TCP connections with System.Net.Sockets and transfers their bytes through pipes. It is slower than
/// <see cref="EpollListener"/> and uses only the APIs of .NET.</summary>
internal sealed class PipelinesListener : ITransportListener
{
    private readonly TcpTransportOptions _options;
    private readonly ListenerConnections _connections;
    private readonly ILogger _logger;
    private readonly List<Socket> _sockets = [];
    private readonly List<IPEndPoint> _endPoints = [];
    private readonly List<Task> _accepting = [];

    /// <param name="options">The addresses and the options of connections.</param>
    /// <param name="connections">Admits connections and places them on shards.</param>
    /// <param name="logger">Receives internal errors.</param>
    public PipelinesListener(TcpTransportOptions options, ListenerConnections connections, ILogger logger)
    {
        _options = options;
        _connections = connections;
        _logger = logger;
    }

    /// <inheritdoc/>
    public IReadOnlyList<IPEndPoint> EndPoints => _endPoints;

    /// <inheritdoc/>
    public int ConnectionCount => _connections.Count;

    /// <inheritdoc/>
    public void Bind()
    {
        foreach (IPEndPoint endPoint in _options.EndPoints)
        {
            var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            try
            {
                socket.Bind(endPoint);
                socket.Listen(_options.Backlog);
                _endPoints.Add((IPEndPoint)socket.LocalEndPoint!);
            }
            catch (SocketException exception)
            {
                foreach (Socket opened in _sockets)
                    opened.Dispose();
                _sockets.Clear();
                _endPoints.Clear();
                throw new ListenException(endPoint, exception.NativeErrorCode);
            }
        }
    }

    /// <inheritdoc/>
    public void Start()
    {
        for (int index = 0; index < _sockets.Count; index++)
            _accepting.Add(AcceptAsync(_sockets[index], _endPoints[index]));
    }

    /// <inheritdoc/>
    public Task StopAcceptingAsync()
    {
        foreach (Socket socket in _sockets)
            socket.Dispose();
        return Task.WhenAll(_accepting);
    }

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellationToken) => _connections.DrainAsync(cancellationToken);

    private async Task AcceptAsync(Socket listening, IPEndPoint endPoint)
    {
        // Returns to the caller before the first accept, which runs on another thread.
        await Task.Yield();
        using var accept = new SocketOperation();
        try
        {
            while (true)
            {
                SocketError error = await accept.AcceptAsync(listening).ConfigureAwait(false);
                if (error == SocketError.OperationAborted)
                    return;
                if (error == SocketError.Success)
                {
                    Take(accept.AcceptSocket!);
                    continue;
                }
                if (error is SocketError.ConnectionReset or SocketError.ConnectionAborted)
                    continue;

                // Waits before the next attempt. The kernel keeps the hosts in its backlog meanwhile.
                _connections.ReportNoDescriptor(endPoint, error.ToString(), _options.AcceptRetryMilliseconds);
                await Task.Delay(_options.AcceptRetryMilliseconds).ConfigureAwait(false);
            }
        }
        catch (ObjectDisposedException)
        {
            // The listener is closing.
        }
    }

    private void Take(Socket socket)
    {
        IPEndPoint? local;
        IPEndPoint? remote;
        try
        {
            local = socket.LocalEndPoint as IPEndPoint;
            remote = socket.RemoteEndPoint as IPEndPoint;
            socket.NoDelay = true;
            if (_options.SendBufferBytes > 0)
                socket.SendBufferSize = _options.SendBufferBytes;
        }
        catch (SocketException)
        {
            // The host closed the connection before it was accepted.
            socket.Dispose();
            return;
        }
        CongestionControl.Choose((int)socket.SafeHandle.DangerousGetHandle(), _options.CongestionControl);
        bool isAdmitted = _connections.TryAdd(local, remote, (context, closed) =>
        {
            var pipe = new SocketPipe(socket);
            var transport = new PipeTransport(
                context,
                pipe,
                over =>
                {
                    pipe.Dispose();
                    closed(over);
                },
                _logger)
            {
                RemoteEndPoint = remote,
                FarewellMilliseconds = _options.FarewellMilliseconds,
            };
            pipe.Start();
            return transport;
        });
        if (isAdmitted)
            return;

        // Closes with a reset, because a normal close would leave the connection in TIME_WAIT in the kernel.
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }
}
