using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>JSON-RPC client for the Unix socket of SPDK's target. It makes one call at a time.</summary>
public sealed class SpdkRpc : IDisposable
{
    private const int MaxResponseBytes = 1 << 20;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[MaxResponseBytes];
    private int _lastId;

    /// <summary>Connects to the socket.</summary>
    public Task ConnectAsync(string path, CancellationToken cancellationToken) =>
        _socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).AsTask();

    /// <summary>Calls a method and returns its result.</summary>
    /// <exception cref="ComparisonException">The call failed.</exception>
    public async Task<JsonElement> CallAsync(string method, object? parameters, CancellationToken cancellationToken)
    {
        var call = new Dictionary<string, object> { ["jsonrpc"] = "2.0", ["id"] = ++_lastId, ["method"] = method };
        if (parameters is not null)
            call["params"] = parameters;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(call), cancellationToken);
        int length = 0;
        while (true)
        {
            int received = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            if (received == 0)
                throw new ComparisonException($"SPDK closed its RPC socket during {method}, or the response is too long.");
            length += received;
            if (TryParse(length) is not { } answer)
                continue;
            if (answer.TryGetProperty("error", out JsonElement error))
                throw new ComparisonException($"SPDK refused {method}: {error.GetProperty("message").GetString()}");
            return answer.GetProperty("result");
        }
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _socket.Dispose();

    private JsonElement? TryParse(int length)
    {
        // A response has no length prefix. It is complete when it parses as JSON.
        if (Encoding.UTF8.GetString(_buffer, 0, length).TrimEnd() is not [.., '}'])
            return null;
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(_buffer.AsSpan(0, length));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
