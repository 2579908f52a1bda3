using System.Text.RegularExpressions;

namespace ManagedNvmet.Server.Tests;

/// <summary>Two machines on one network, made of network namespaces: one runs the server, the other an avahi daemon that browses for
/// it.</summary>
public sealed class MdnsTests : ServerTest
{
    private const string OurAddress = "192.0.2.1";
    private const string OurAddressV6 = "2001:db8::1";
    private const string Text = "nqn=nqn.2014-08.org.nvmexpress.discovery\" \"p=tcp";

    private readonly string _target = $"nvmet-mt-{Environment.ProcessId}";
    private readonly string _other = $"nvmet-mo-{Environment.ProcessId}";
    private readonly List<AvahiHost> _avahis = [];

    [Fact]
    public async Task Our_own_responder_is_found_and_says_goodbye()
    {
        AvahiHost seeker = await MakeNetworkAsync();
        ServerProcess server = await StartOnTargetAsync("--listen", $"{OurAddress}:0", "--mdns", "own");
        int port = server.EndPoint.Port;
        await server.WaitForOutputAsync(
            $"Port {port} is announced as \"[^\"]*\" \\(_nvme-disc._tcp\\) by own responder: {OurAddress} on vt0\n");
        string[] found = await seeker.WaitForServicesAsync(services => services.Length == 2);

        // The service is found over both address families, with the listening address and no other.
        Assert.All(found, line => Assert.EndsWith($";{OurAddress};{port};\"{Text}\"", line, StringComparison.Ordinal));
        Assert.Equal(["IPv4", "IPv6"], found.Select(line => line.Split(';')[2]));

        Func<string> watched = seeker.Watch();
        await WaitForAsync(watched, "^\\+;.*;IPv4;");
        Assert.Equal(0, await server.StopAsync());
        await WaitForAsync(watched, "^-;.*;IPv4;");
        await WaitForAsync(watched, "^-;.*;IPv6;");
    }

    [Fact]
    public async Task A_wildcard_is_found_by_both_families_and_an_address_that_comes_later_too()
    {
        AvahiHost seeker = await MakeNetworkAsync();
        ServerProcess server = await StartOnTargetAsync("--listen", "0.0.0.0:4420", "--listen", "[::]:4420", "--mdns", "own");
        await server.WaitForOutputAsync($"by own responder: {OurAddress} {OurAddressV6} on vt0\n");
        await seeker.WaitForServicesAsync(services => services.Length == 2);

        await Machine.RequireAsync("ip", "-n", _target, "address", "add", "192.0.2.77/25", "dev", "vt0");
        await Machine.RequireAsync("ip", "-n", _target, "address", "delete", $"{OurAddress}/24", "dev", "vt0");
        await Machine.RequireAsync("ip", "-n", _target, "address", "delete", $"{OurAddressV6}/64", "dev", "vt0");

        string[] found = await seeker.WaitForServicesAsync(services => services.Length == 2
            && services.All(line => line.Contains(";192.0.2.77;4420;", StringComparison.Ordinal)));
        Assert.Equal(2, found.Length);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Two_servers_that_want_one_name_get_two()
    {
        AvahiHost seeker = await MakeNetworkAsync();
        ServerProcess first = await StartOnTargetAsync("--listen", $"{OurAddress}:4420", "--mdns", "own");
        await first.WaitForOutputAsync("Port 4420 is announced");
        ServerProcess second = Prepare(new ServerProcess(Folder, ["--namespace", "mem:1M",
            "--state-directory", Path.Combine(Folder, "second"),
            "--listen", "192.0.2.2:4420", "--mdns", "own"])
        { Wrapper = ["ip", "netns", "exec", _other] });
        await second.StartAsync();
        await second.WaitForOutputAsync("Another machine announces \"([^\"]*)\"; port 4420 is renamed to \"\\1 \\(2\\)\"");
        await second.WaitForOutputAsync("Port 4420 is announced as \"[^\"]* \\(2\\)\"");

        string[] found = await seeker.WaitForServicesAsync(services => services.Length == 4);
        Assert.Equal(2, found.Count(line => line.Contains($";{OurAddress};4420;", StringComparison.Ordinal)));
        Assert.Equal(2, found.Count(line => line.Contains(";192.0.2.2;4420;", StringComparison.Ordinal)));
        Assert.Equal(0, await second.StopAsync());
        Assert.Equal(1, first.LineCount("is announced as"));
    }

    [Fact]
    public async Task Avahi_announces_while_it_runs_and_we_do_while_it_does_not()
    {
        AvahiHost seeker = await MakeNetworkAsync();
        AvahiHost avahi = await StartAvahiAsync(_target, "avahi-target");
        ServerProcess server = PrepareOnTarget("--listen", $"{OurAddress}:4420", "--mdns", "auto");
        server.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = avahi.BusAddress;
        await server.StartAsync();
        await server.WaitForOutputAsync($"Port 4420 is announced as .* by avahi: {OurAddress} on vt0\n");
        await ExpectServiceAsync(seeker);

        await avahi.StopDaemonAsync();
        await server.WaitForOutputAsync("by own responder");
        await ExpectServiceAsync(seeker);

        await avahi.StartDaemonAsync();
        await server.WaitForOutputAsync("by own responder(.|\n)*by avahi");
        await ExpectServiceAsync(seeker);

        Func<string> watched = seeker.Watch();
        await WaitForAsync(watched, "^\\+;.*;IPv4;");
        Assert.Equal(0, await server.StopAsync());
        await WaitForAsync(watched, "^-;.*;IPv4;");
    }

    [Fact]
    public async Task A_port_that_goes_while_the_server_runs_is_announced_no_more()
    {
        AvahiHost seeker = await MakeNetworkAsync();
        string file = Path.Combine(Folder, "config.json");
        await File.WriteAllTextAsync(file, Configuration(4420, 8009));
        ServerProcess server = Prepare(
            new ServerProcess(Folder, ["--config", file, "--mdns", "own"]) { Wrapper = ["ip", "netns", "exec", _target] });
        await server.StartAsync();
        await seeker.WaitForServicesAsync(services => services.Length == 4);

        await File.WriteAllTextAsync(file, Configuration(8009));
        Signals.Send(server.Id, Signals.HangUp);
        string[] left = await seeker.WaitForServicesAsync(services => services.Length == 2);

        Assert.All(left, line => Assert.Contains(";8009;", line, StringComparison.Ordinal));
        await server.WaitForOutputAsync("Port 4420 is no longer announced as \"");
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task What_cannot_be_announced_is_served_all_the_same_and_the_status_says_why()
    {
        ServerProcess server = Prepare("--namespace", "mem:1M", "--listen", "127.0.0.1:0", "--mdns", "avahi");
        server.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = $"unix:path={Folder}/none";
        await server.StartAsync();
        await ConnectAsync(server);

        string status = await Machine.RequireAsync("env", $"XDG_STATE_HOME={StateHome}", ServerProcess.Binary, "status");
        Assert.Contains("not announced: Other machines cannot reach a loopback address.", status, StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(0, server.LineCount("is announced"));
    }

    [Fact]
    public async Task Avahi_that_is_not_there_is_told_of_once_and_waited_for()
    {
        await MakeNetworkAsync();
        ServerProcess server = PrepareOnTarget("--listen", $"{OurAddress}:4420", "--mdns", "avahi");
        server.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = $"unix:path={Folder}/none";
        await server.StartAsync();

        await server.WaitForOutputAsync("mDNS announcements failed: The avahi daemon is not running");
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(1, server.LineCount("mDNS announcements failed"));
    }

    [Fact]
    public async Task Nothing_is_announced_unless_it_is_asked_for()
    {
        AvahiHost seeker = await MakeNetworkAsync();
        ServerProcess server = await StartOnTargetAsync("--listen", $"{OurAddress}:4420");

        Assert.Empty(await seeker.BrowseAsync());
        Assert.Equal(0, server.LineCount("announce"));
        Assert.Equal(0, await server.StopAsync());
    }

    protected override async Task CleanUpAsync()
    {
        foreach (AvahiHost avahi in _avahis)
            await avahi.DisposeAsync();
        await Machine.RunAsync("ip", "netns", "delete", _target);
        await Machine.RunAsync("ip", "netns", "delete", _other);
    }

    private static Task WaitForAsync(Func<string> watched, string pattern) => AvahiHost.WaitAsync(
        () => Task.FromResult(Regex.IsMatch(watched(), pattern, RegexOptions.Multiline)), $"No '{pattern}' in what avahi-browse said.");

    private static async Task ExpectServiceAsync(AvahiHost seeker)
    {
        string[] found = await seeker.WaitForServicesAsync(services => services.Length == 2);
        Assert.All(found, line => Assert.EndsWith($";{OurAddress};4420;\"{Text}\"", line, StringComparison.Ordinal));
    }

    private static string Configuration(params int[] ports) => $$"""
        {
          "ports": [ {{string.Join(", ", ports.Select(Port))}} ],
          "subsystems": [
            {
              "nqn": "nqn.2026-11.com.example:a",
              "attr": { "allow_any_host": "1" },
              "namespaces": [ { "nsid": 1, "device": { "path": "null:1M" } } ]
            }
          ]
        }
        """;

    private static string Port(int port) => $$"""
        {
          "portid": {{port}},
          "addr": { "trtype": "tcp", "traddr": "{{OurAddress}}", "trsvcid": "{{port}}" },
          "subsystems": [ "nqn.2026-11.com.example:a" ]
        }
        """;

    /// <summary>Connects two network namespaces by a veth pair, and starts an avahi daemon in the one without the server.</summary>
    private async Task<AvahiHost> MakeNetworkAsync()
    {
        Assert.SkipUnless(Machine.IsRoot && Machine.Has("ip"), "Needs root and ip, to make network namespaces.");
        Assert.SkipUnless(
            Machine.Has("avahi-daemon") && Machine.Has("avahi-browse") && Machine.Has("dbus-daemon"),
            "Needs avahi-daemon, avahi-utils and dbus, to look for what is announced.");
        (int made, string why) = await Machine.RunAsync("ip", "netns", "add", _target);
        Assert.SkipUnless(made == 0, $"No network namespace can be made here: {why}");
        await Machine.RequireAsync("ip", "netns", "add", _other);
        (made, why) = await Machine.RunAsync(
            "ip", "link", "add", "vt0", "netns", _target, "type", "veth", "peer", "name", "vo0", "netns", _other);
        Assert.SkipUnless(made == 0, $"No virtual cable can be made here: {why}");
        await SetUpAsync(_target, "vt0", OurAddress, OurAddressV6);
        await SetUpAsync(_other, "vo0", "192.0.2.2", "2001:db8::2");
        return await StartAvahiAsync(_other, "avahi-other");
    }

    private static async Task SetUpAsync(string name, string link, string address, string addressV6)
    {
        await Machine.RequireAsync("ip", "-n", name, "link", "set", "lo", "up");
        await Machine.RequireAsync("ip", "-n", name, "address", "add", $"{address}/24", "dev", link);
        await Machine.RequireAsync("ip", "-n", name, "address", "add", $"{addressV6}/64", "dev", link, "nodad");
        await Machine.RequireAsync("ip", "-n", name, "link", "set", link, "up");
    }

    private async Task<AvahiHost> StartAvahiAsync(string networkNamespace, string folder)
    {
        AvahiHost avahi = await AvahiHost.StartAsync(networkNamespace, Path.Combine(Folder, folder));
        _avahis.Add(avahi);
        return avahi;
    }

    private ServerProcess PrepareOnTarget(params string[] arguments) => Prepare(
        new ServerProcess(Folder, ["--namespace", "mem:1M", .. arguments]) { Wrapper = ["ip", "netns", "exec", _target] });

    private async Task<ServerProcess> StartOnTargetAsync(params string[] arguments)
    {
        ServerProcess server = PrepareOnTarget(arguments);
        await server.StartAsync();
        return server;
    }
}
