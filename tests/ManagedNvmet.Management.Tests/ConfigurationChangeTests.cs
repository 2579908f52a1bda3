using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using ManagedNvmet.Management.Api;

namespace ManagedNvmet.Management.Tests;

/// <summary>Who changed the configuration through the API, as the event log and the history tell it.</summary>
public sealed class ConfigurationChangeTests
{
    [Fact]
    public async Task A_change_on_the_socket_is_one_event_with_the_user_and_the_process()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        HttpClient client = managed.OnSocket();

        PlanReport report = await AddNamespaceAsync(client);

        uint user = Mono.Unix.Native.Syscall.geteuid();
        string requester = string.Create(CultureInfo.InvariantCulture, $"uid {user}");
        string message = Assert.Single(ChangesOf(managed));
        Assert.Contains($"changed by {requester}", message, StringComparison.Ordinal);
        Assert.Contains(
            $", pid {Environment.ProcessId}: subsystem {ManagedServer.Nqn}: add namespace 3: mem:2M", message, StringComparison.Ordinal);
        Assert.StartsWith(requester, managed.Server.History[0].Requester, StringComparison.Ordinal);
        Assert.False(report.IsKept);
    }

    [Fact]
    public async Task A_change_over_TCP_names_the_token_and_the_address_and_a_rollback_itself()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync(withAddress: true);
        HttpClient client = managed.OnAddress(managed.Token);

        await AddNamespaceAsync(client);
        using HttpResponseMessage back = await client.PostAsync("/v1/configuration/rollback", null);

        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        Assert.Collection(
            ChangesOf(managed),
            message => Assert.Contains("changed by the management token, from 127.0.0.1:", message, StringComparison.Ordinal),
            message => Assert.Contains(", by a rollback: ", message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_that_is_refused_is_no_event()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();

        using HttpResponseMessage response = await PutAsync(managed.OnSocket(), """{ "hosts": 3 }""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains("1 error and 0 warnings", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(ChangesOf(managed));
    }

    private static string[] ChangesOf(ManagedServer managed) =>
        [
            .. managed.Events.After(0).Select(each => each.Message)
                .Where(message => message.Contains(" is in force (", StringComparison.Ordinal)),
        ];

    private static async Task<PlanReport> AddNamespaceAsync(HttpClient client)
    {
        JsonNode document = JsonNode.Parse(await client.GetStringAsync("/v1/configuration"))!;
        document["subsystems"]![0]!["namespaces"]!.AsArray().Add(
            (JsonNode)new JsonObject { ["nsid"] = 3, ["device"] = new JsonObject { ["path"] = "mem:2M" } });
        using HttpResponseMessage response = await PutAsync(client, document.ToJsonString());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(ManagementJson.Default.PlanReport))!;
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/configuration")
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        return await client.SendAsync(request);
    }
}
