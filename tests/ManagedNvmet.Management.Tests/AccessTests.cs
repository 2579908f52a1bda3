using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Management.Tests;

public sealed class AccessTests
{
    [Fact]
    public async Task The_socket_is_for_owner_and_group_only()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();

        Assert.Equal("rw-rw----", Mode(managed.SocketPath));
    }

    [Fact]
    public async Task The_web_server_is_not_there_until_somebody_connects()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        bool before = managed.Management.IsOpen;

        Assert.Equal(HttpStatusCode.OK, (await managed.OnSocket().GetAsync("/health/live")).StatusCode);

        Assert.False(before);
        while (!managed.Management.IsOpen)
            await Task.Yield();
    }

    [Fact]
    public async Task A_stop_before_anybody_connected_removes_the_socket()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();

        await managed.Management.StopAsync(CancellationToken.None);

        Assert.False(File.Exists(managed.SocketPath));
    }

    [Fact]
    public async Task A_socket_that_a_dead_server_left_is_taken_over()
    {
        string folder = Directory.CreateTempSubdirectory("managed-nvmet-management-").FullName;
        string path = Path.Combine(folder, "left.sock");
        LeaveSocket(path);
        Assert.True(File.Exists(path));

        await using ManagedServer managed = await ManagedServer.StartAsync(change: options => options with { SocketPath = path });

        Assert.Equal(path, managed.Management.SocketPath);
        await managed.Management.StopAsync(CancellationToken.None);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_socket_that_lives_is_not_taken_from_its_server()
    {
        await using ManagedServer first = await ManagedServer.StartAsync();

        StartupException refusal = await Assert.ThrowsAsync<StartupException>(
            () => ManagedServer.StartAsync(change: options => options with { SocketPath = first.SocketPath }));

        Assert.Contains("Another running server uses the management socket", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await first.OnSocket().GetAsync("/health/live")).StatusCode);
    }

    [Fact]
    public async Task A_default_socket_that_cannot_be_made_is_done_without_and_said()
    {
        string path = Path.Combine(Path.GetTempPath(), new string('x', 120));

        await using ManagedServer managed = await ManagedServer.StartAsync(
            change: options => options with { SocketPath = path, IsSocketRequired = false });

        Assert.Null(managed.Management.SocketPath);
        Assert.Contains(managed.Events.Last(100), line => line.Message.Contains("longer than 107 bytes", StringComparison.Ordinal));
        Assert.True(managed.Server.IsListening);
    }

    [Theory]
    [InlineData("none-such-group", "There is no group 'none-such-group'")]
    public async Task A_group_that_is_not_there_is_named(string group, string sentence)
    {
        StartupException refusal = await Assert.ThrowsAsync<StartupException>(
            () => ManagedServer.StartAsync(change: options => options with { SocketGroup = group }));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_or_mutual_TLS_nothing_listens_over_TCP()
    {
        StartupException refusal = await Assert.ThrowsAsync<StartupException>(
            () => ManagedServer.StartAsync(withAddress: true, change: options => options with { TokenFile = null }));

        Assert.Contains("--management-token-file", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0123456789abcdef", UnixFileMode.UserRead | UnixFileMode.GroupRead, "(mode 440); expected mode 600")]
    [InlineData("0123456789abcde", UnixFileMode.UserRead, "holds no valid token")]
    [InlineData("0123456789 abcdef", UnixFileMode.UserRead, "holds no valid token")]
    public void A_token_file_that_is_not_fit_is_refused(string content, UnixFileMode mode, string sentence)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, mode);

        StartupException refusal = Assert.Throws<StartupException>(() => AccessToken.Load(path));

        File.Delete(path);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer 0123456789abcdef", true)]
    [InlineData("bearer  0123456789abcdef ", true)]
    [InlineData("Bearer 0123456789abcdeF", false)]
    [InlineData("Bearer", false)]
    [InlineData("Basic 0123456789abcdef", false)]
    [InlineData(null, false)]
    public void A_token_is_carried_whole_or_not_at_all(string? header, bool expected) =>
        Assert.Equal(expected, new AccessToken("0123456789abcdef").Matches(header));

    // Creates a socket file on which nobody listens, as a killed server leaves it.
    private static void LeaveSocket(string path)
    {
        // .NET deletes the file under the name to which it bound the socket. Renaming the file keeps it.
        string other = path + ".other";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(other));
        File.Move(other, path);
    }

    private static string Mode(string path)
    {
        const string letters = "rwxrwxrwx";
        int mode = (int)File.GetUnixFileMode(path);
        return string.Concat(letters.Select((letter, index) => (mode & (1 << (8 - index))) != 0 ? letter : '-'));
    }
}
