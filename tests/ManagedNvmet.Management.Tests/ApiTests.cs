using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Tests;

public sealed class ApiTests
{
    private const int BlockBytes = 512;

    [Fact]
    public async Task The_socket_tells_what_is_served_and_who_is_connected()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        var host = await managed.ConnectAsync(options => options with { IoQueues = 2 });
        Memory<byte> data = Initiator.InitiatorController.AllocatePinned(BlockBytes);
        (await host.WriteAsync(0, 1, 0, 1, data)).Require("Write");
        (await host.ReadAsync(1, 1, 0, 1, data)).Require("Read");

        Overview overview = (await managed.OnSocket().GetFromJsonAsync("/v1/overview", ManagementJson.Default.Overview))!;

        Assert.Equal(ServerState.Running, overview.Server.State);
        Assert.Equal(managed.Server.EndPoints[0].ToString(), Assert.Single(overview.Ports).Address);
        Assert.Equal(ManagedServer.Nqn.Text, Assert.Single(overview.Subsystems).Nqn);
        Assert.Equal([1u, 2u], overview.Namespaces.Select(each => each.Id));
        Assert.Equal([false, true], overview.Namespaces.Select(each => each.IsReadOnly));
        SessionReport session = Assert.Single(overview.Sessions);
        Assert.Equal(new Initiator.InitiatorOptions { EndPoint = null!, SubsystemNqn = null!, Shards = null! }.HostNqn.Text,
            session.HostNqn);
        Assert.Equal(2, session.IoQueues);
        Assert.Equal(managed.Server.EndPoints[0].ToString(), session.LocalAddress);
        Assert.True(Assert.Single(overview.Hosts).IsConnected);
        Assert.Equal([1UL, 1UL], overview.Totals.Select(row => row.Commands));
        Assert.Equal([512UL, 512UL], overview.Totals.Select(row => row.Bytes));
    }

    [Theory]
    [InlineData("/v1/status")]
    [InlineData("/v1/ports")]
    [InlineData("/v1/subsystems")]
    [InlineData("/v1/namespaces")]
    [InlineData("/v1/hosts")]
    [InlineData("/v1/sessions")]
    [InlineData("/v1/settings")]
    [InlineData("/v1/statistics")]
    [InlineData("/v1/refusals?most=1000")]
    [InlineData("/v1/events?most=0")]
    [InlineData("/openapi/v1.json")]
    public async Task Every_view_is_JSON(string path)
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();

        using HttpResponseMessage response = await managed.OnSocket().GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.NotEqual(JsonValueKind.Null, document.RootElement.ValueKind);
    }

    [Fact]
    public async Task The_OpenAPI_document_names_every_path()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();

        using JsonDocument document = JsonDocument.Parse(await managed.OnSocket().GetStringAsync("/openapi/v1.json"));

        string[] paths = [.. document.RootElement.GetProperty("paths").EnumerateObject().Select(each => each.Name)];
        Assert.Equal(
            [
                "/health/live", "/health/ready", "/metrics", "/v1/configuration", "/v1/configuration/history", "/v1/configuration/plan",
                "/v1/configuration/rollback", "/v1/events", "/v1/events/live", "/v1/hosts", "/v1/live", "/v1/namespaces",
                "/v1/overview", "/v1/ports", "/v1/refusals", "/v1/sessions", "/v1/sessions/{number}", "/v1/settings", "/v1/statistics",
                "/v1/status",
                "/v1/subsystems", "/v1/trace",
            ],
            paths.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_session_that_is_ended_is_gone_and_its_number_is_not_given_again()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        HttpClient client = managed.OnSocket();
        await managed.ConnectAsync();
        SessionReport session = Assert.Single(await SessionsAsync(client));

        using HttpResponseMessage ended = await client.DeleteAsync($"/v1/sessions/{session.Number}");
        while ((await SessionsAsync(client)).Count > 0)
            await Task.Yield();
        using HttpResponseMessage again = await client.DeleteAsync($"/v1/sessions/{session.Number}");
        await managed.ConnectAsync();

        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Equal("application/problem+json", again.Content.Headers.ContentType!.MediaType);
        Assert.Contains($"There is no session {session.Number}", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(Assert.Single(await SessionsAsync(client)).Number > session.Number);
    }

    [Theory]
    [InlineData("/v1/refusals?most=1001", HttpStatusCode.BadRequest)]
    [InlineData("/v1/events?most=-1", HttpStatusCode.BadRequest)]
    [InlineData("/v1/events?most=many", HttpStatusCode.BadRequest)]
    [InlineData("/v1/nothing", HttpStatusCode.NotFound)]
    public async Task What_cannot_be_answered_is_a_problem(string path, HttpStatusCode expected)
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();

        using HttpResponseMessage response = await managed.OnSocket().GetAsync(path);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Over_TCP_nothing_but_health_and_the_empty_page_is_had_without_the_token()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync(withAddress: true);
        HttpClient stranger = managed.OnAddress(token: null);
        HttpClient liar = managed.OnAddress(managed.Token + "0");
        HttpClient friend = managed.OnAddress(managed.Token);

        foreach (string path in (string[])["/v1/overview", "/v1/status", "/metrics", "/openapi/v1.json", "/v1/live", "/v1/events/live",
            "/v1/nothing"])
        {
            foreach (HttpClient client in (HttpClient[])[stranger, liar])
            {
                using HttpResponseMessage refused = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
                Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            }
        }
        using HttpResponseMessage delete = await stranger.DeleteAsync("/v1/sessions/1");
        Assert.Equal(HttpStatusCode.Unauthorized, delete.StatusCode);
        foreach (string path in (string[])["/", "/page.css", "/page.js", "/icon.svg", "/health/live", "/health/ready"])
            Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await friend.GetAsync("/v1/status")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await managed.OnSocket().GetAsync("/v1/status")).StatusCode);
    }

    [Fact]
    public async Task Readiness_ends_when_the_server_stops_and_liveness_goes_on()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        HttpClient client = managed.OnSocket();
        HttpStatusCode before = (await client.GetAsync("/health/ready")).StatusCode;

        await managed.Server.StopAsync(CancellationToken.None);

        using HttpResponseMessage after = await client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, before);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, after.StatusCode);
        Assert.Contains("stopping", await after.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live")).StatusCode);
    }

    [Fact]
    public async Task Live_streams_send_overviews_and_lines_and_do_not_hold_up_the_stop()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        HttpClient client = managed.OnSocket();
        using StreamReader overviews = new(await client.GetStreamAsync("/v1/live"));
        using StreamReader lines = new(await client.GetStreamAsync("/v1/events/live"));

        await managed.ConnectAsync();

        Assert.Equal("event: overview", await overviews.ReadLineAsync());
        Assert.StartsWith("data: {\"time\":", await overviews.ReadLineAsync(), StringComparison.Ordinal);
        string? line;
        while ((line = await lines.ReadLineAsync()) is not null && !line.Contains("nqn.2014-08.org.nvmexpress:uuid:",
            StringComparison.Ordinal))
            Assert.DoesNotContain("\"level\":\"Error\"", line, StringComparison.Ordinal);
        Assert.NotNull(line);
        await managed.Management.StopAsync(CancellationToken.None);
        Assert.False(File.Exists(managed.SocketPath));
    }

    private static async Task<IReadOnlyList<SessionReport>> SessionsAsync(HttpClient client) =>
        (await client.GetFromJsonAsync("/v1/sessions", ManagementJson.Default.IReadOnlyListSessionReport))!;
}
