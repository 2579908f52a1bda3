using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ManagedNvmet.Management;

namespace ManagedNvmet.Server.Verbs;

/// <summary>Speaks to the management interface of a running server.</summary>
internal sealed class ManagementClient : IDisposable
{
    private const string ServerVariable = "MANAGED_NVMET_SERVER";
    private const string JsonType = "application/json";

    // A server answers in milliseconds. A change may open disks and close sessions, which takes longer.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ChangeTimeout = TimeSpan.FromSeconds(120);

    private readonly HttpClient _http;
    private readonly string _place;

    /// <param name="server">Path of a socket, or an address such as http://192.0.2.7:4421; null for the default place.</param>
    /// <param name="tokenFile">The token for an address; null for none.</param>
    /// <exception cref="VerbException">The place is neither a path nor an address, or the token cannot be read.</exception>
    public ManagementClient(string? server, string? tokenFile)
    {
        _place = server ?? (Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } named ? named : DefaultSocket());
        if (_place.StartsWith("http://", StringComparison.Ordinal) || _place.StartsWith("https://", StringComparison.Ordinal))
        {
            _http = new HttpClient { BaseAddress = AddressOf(_place) };
        }
        else
        {
            UnixDomainSocketEndPoint socket = EndPointOf(_place);
            var handler = new SocketsHttpHandler { ConnectCallback = (_, cancellationToken) => ConnectAsync(socket, cancellationToken) };
            _http = new HttpClient(handler) { BaseAddress = new Uri("http://localhost") };
        }
        _http.Timeout = Timeout.InfiniteTimeSpan;
        if (tokenFile is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ReadToken(tokenFile));
    }

    /// <summary>Asks for a value.</summary>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, path, null, null, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(response, type, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks for a text and its ETag.</summary>
    public async Task<(string Text, string ETag)> GetTextAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, path, null, null, cancellationToken).ConfigureAwait(false);

        // The answer is complete: it is read from memory.
        string text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return (text, response.Headers.ETag?.Tag.Trim('"') ?? "");
    }

    /// <summary>Sends a document and reads the answer.</summary>
    /// <param name="method">POST or PUT.</param>
    /// <param name="path">Where to.</param>
    /// <param name="json">The document, or null.</param>
    /// <param name="eTag">What it replaces, or null.</param>
    /// <param name="type">The type of the answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<T> SendAsync<T>(
        HttpMethod method, string path, string? json, string? eTag, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(method, path, json, eTag, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(response, type, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks for something that comes as it happens. The answer is the caller's to dispose of.</summary>
    public async Task<(HttpResponseMessage Answer, Stream Body)> OpenAsync(string path, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync(
            HttpMethod.Get, path, null, null, cancellationToken, HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
        return (response, await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Deletes.</summary>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Delete, path, null, null, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private static string DefaultSocket()
    {
        string service = Path.Combine(ManagementOptions.ServiceFolder, ManagementOptions.SocketName);
        return File.Exists(service) ? service : ManagementOptions.DefaultSocketPath(NvmetServerOptions.DefaultStateFolder);
    }

    private static string ReadToken(string path)
    {
        try
        {
            string token = File.ReadAllText(path).Trim();
            return token.Length > 0 && !token.AsSpan().ContainsAnyExceptInRange('!', '~')
                ? token
                : throw new VerbException(
                    ExitCode.Failed,
                    $"The token file {path} holds no token; expected one line of printable ASCII characters without a space.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VerbException(ExitCode.Failed, $"The token file {path} cannot be read: {exception.Message}");
        }
    }

    private static Uri AddressOf(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address)
        ? address
        : throw new VerbException(ExitCode.Usage, $"'{text}' is no address; expected such as http://127.0.0.1:4421.");

    private static UnixDomainSocketEndPoint EndPointOf(string path)
    {
        if (path.Length == 0)
            throw new VerbException(ExitCode.Usage, "--server is empty, expected the path of a socket, or an address.");
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new VerbException(ExitCode.Usage, $"{path} is too long for the path of a socket; expected at most 107 bytes.");
        }
    }

    private static async ValueTask<Stream> ConnectAsync(UnixDomainSocketEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? json, string? eTag, CancellationToken cancellationToken,
        HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, new MediaTypeHeaderValue(JsonType));
        if (eTag is not null)
            request.Headers.TryAddWithoutValidation("If-Match", eTag == "*" ? eTag : $"\"{eTag}\"");
        HttpResponseMessage response;
        TimeSpan limit = method == HttpMethod.Get ? ReadTimeout : ChangeTimeout;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            response = await _http.SendAsync(request, completion, deadline.Token).ConfigureAwait(false);
        }
        catch (HttpRequestException exception)
        {
            throw new VerbException(ExitCode.NoServer, Unreachable(exception));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VerbException(ExitCode.NoServer,
                $"The server at {_place} did not answer within {limit.TotalSeconds:0} s. The socket accepts connections, but the server "
                    + "does not work.");
        }
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await FailureAsync(response, cancellationToken).ConfigureAwait(false);
    }

    private string Unreachable(HttpRequestException exception)
    {
        string reason = exception.InnerException is SocketException socket
            ? socket.SocketErrorCode switch
            {
                SocketError.AccessDenied => "this user may not open it; become root, or a member of the socket's group",
                SocketError.ConnectionRefused => "nobody listens there; is the server running?",
                _ => File.Exists(_place) || _place.Contains("//", StringComparison.Ordinal) ? socket.Message
                    : "there is no such socket; is the server running?",
            }
            : exception.InnerException?.Message ?? exception.Message;
        return $"No server answers at {_place}: {reason} (another place: --server PATH or URL, or the variable {ServerVariable})";
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            try
            {
                return await JsonSerializer.DeserializeAsync(body, type, cancellationToken).ConfigureAwait(false)
                    ?? throw new VerbException(ExitCode.Failed, "The server's answer is empty.");
            }
            catch (JsonException)
            {
                throw new VerbException(
                    ExitCode.Failed,
                    $"The answer of {_place} is none of this version of managed-nvmet; is another program listening there?");
            }
        }
    }

    private static async Task<VerbException> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        string message = $"The server answered {(int)response.StatusCode} {response.ReasonPhrase}.";
        try
        {
            using JsonDocument problem = JsonDocument.Parse(body);
            JsonElement root = problem.RootElement;
            string title = root.TryGetProperty("title", out JsonElement named) ? named.GetString() ?? "" : "";
            string detail = root.TryGetProperty("detail", out JsonElement said) ? said.GetString() ?? "" : "";
            message = detail.Length == 0 ? title : $"{title}: {detail}";
            if (root.TryGetProperty("problems", out JsonElement problems))
                message = string.Join('\n', [message, .. problems.EnumerateArray().Select(each => "  " + each.GetString())]);
        }
        catch (JsonException)
        {
            // Not ours: something in between answered.
        }
        int exitCode = response.StatusCode == HttpStatusCode.PreconditionFailed ? ExitCode.Conflict : ExitCode.Failed;
        return new VerbException(exitCode, message);
    }
}
