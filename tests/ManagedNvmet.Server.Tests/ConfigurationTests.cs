using ManagedNvmet.Initiator;

namespace ManagedNvmet.Server.Tests;

public sealed class ConfigurationTests : ServerTest
{
    private const string A = "nqn.2026-11.com.example:a";
    private const string B = "nqn.2026-11.com.example:b";

    private string? _networkNamespace;

    [Fact]
    public async Task A_configuration_file_is_served_with_its_names()
    {
        ServerProcess server = await StartWithAsync(Text("127.0.0.1", (A, "null:1M"), (B, "null:2M")));

        await ConnectAsync(server.EndPoint, Nqn.Parse(A));
        InitiatorController b = await ConnectAsync(server.EndPoint, Nqn.Parse(B));

        Assert.True((await b.ReadAsync(0, 1, 4000, 1, InitiatorController.AllocatePinned(BlockSize))).Status.IsSuccess);
        Assert.Matches($"file +{File("config.json")}\n", server.Output);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task A_file_that_is_replaced_is_carried_out_while_hosts_stay_connected()
    {
        ServerProcess server = await StartWithAsync(Text("127.0.0.1", (A, "null:1M")));
        InitiatorController host = await ConnectAsync(server.EndPoint, Nqn.Parse(A));

        Replace("config.json", Text("127.0.0.1", (A, "null:1M"), (B, "null:2M")));
        await server.WaitForOutputAsync("is in force \\(kept in .*config.json\\), changed by the file .*config.json: ");

        await ConnectAsync(server.EndPoint, Nqn.Parse(B));
        Assert.True((await host.ReadAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(BlockSize))).Status.IsSuccess);
    }

    [Fact]
    public async Task A_hang_up_reads_the_file_again_and_an_unsound_one_changes_nothing()
    {
        // The server does not watch the folder to which the symbolic link leads, so it does not notice the change.
        string elsewhere = Directory.CreateDirectory(File("elsewhere")).FullName;
        await System.IO.File.WriteAllTextAsync(Path.Combine(elsewhere, "config.json"), Text("127.0.0.1", (A, "null:1M")));
        Directory.CreateDirectory(File("etc"));
        System.IO.File.CreateSymbolicLink(File("etc/config.json"), Path.Combine(elsewhere, "config.json"));
        ServerProcess server = Prepare("--config", File("etc/config.json"));
        await server.StartAsync();

        Replace("elsewhere/config.json", "{ \"subsystems\": [ { \"nqn\": 7 },\n { } ] }");
        Signals.Send(server.Id, Signals.HangUp);
        await server.WaitForOutputAsync(
            "config.json has 2 errors. The first is: line 1, \\$.subsystems\\[0\\].nqn: it is 7, expected a name");
        InitiatorController host = await ConnectAsync(server.EndPoint, Nqn.Parse(A));

        Replace("elsewhere/config.json", Text("127.0.0.1", (A, "null:1M"), (B, "null:2M")));
        Signals.Send(server.Id, Signals.HangUp);
        await server.WaitForOutputAsync("config.json is correct again and in force");
        await ConnectAsync(server.EndPoint, Nqn.Parse(B));

        Assert.True((await host.ReadAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(BlockSize))).Status.IsSuccess);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Every_mistake_of_the_file_is_a_line_and_nothing_is_served()
    {
        string file = File("config.json");
        await System.IO.File.WriteAllTextAsync(
            file, "{\n \"ports\": [ { \"portid\": \"x\", \"addr\": { \"traddr\": \"here\" } } ],\n \"hosts\": 3 }");
        ServerProcess server = Prepare("--config", file);
        server.Launch();

        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Equal(
            [
                $"managed-nvmet: {file} has 2 errors and is not served.",
                "managed-nvmet: line 2, $.ports[0].portid: it is \"x\", expected a number from 0 to 65535.",
                "managed-nvmet: line 3, $.hosts: it is 3, expected a list of objects.",
            ],
            server.Error.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("--nqn", "mysub", "--allow-host", "nqn.2026-11.com.example:h")]
    [InlineData("--nqn", "nqn.2026-11.com.example:a", "--allow-host", "myhost")]
    public async Task A_name_without_the_form_of_the_specification_is_served_with_the_warning_of_a_file(params string[] names)
    {
        ServerProcess server = await StartAsync(["--namespace", "mem:1M", .. names]);

        await server.WaitForOutputAsync("my(sub|host) has not the form of an NVMe Qualified Name; some hosts refuse it");
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        string line = await RefusalAsync(1, "--config", File("nothing.json"));

        Assert.StartsWith($"managed-nvmet: {File("nothing.json")} cannot be read: ", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--namespace", "mem:1M")]
    [InlineData("--listen", "127.0.0.1")]
    [InlineData("--allow-host", A)]
    [InlineData("--allow-any-host", "true")]
    public async Task What_the_file_says_is_not_said_on_the_command_line_too(string option, string value)
    {
        string line = await RefusalAsync(2, "--config", "config.json", option, value);

        Assert.Contains(
            $"--config and {option} are given together; write what {option} says into config.json.", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_before_the_disk_and_a_disk_that_comes_later()
    {
        string late = File("late.img");
        await System.IO.File.WriteAllTextAsync(File("config.json"), Text("127.0.0.1", (A, late), (B, "null:1M")));
        ServerProcess server = Prepare("--config", File("config.json"));
        await server.StartAsync();
        Assert.Contains($"not ready   namespace 1 of {A}: {late} does not exist.", server.Output, StringComparison.Ordinal);
        await ConnectAsync(server.EndPoint, Nqn.Parse(B));
        InitiatorController host = await ConnectAsync(server.EndPoint, Nqn.Parse(A));

        MakeFile("late.img", 1 << 20);
        await server.WaitForOutputAsync($"Namespace 1 of {A} is ready now: {late}");

        Assert.True((await host.ReadAsync(0, 1, 0, 1, InitiatorController.AllocatePinned(BlockSize))).Status.IsSuccess);
    }

    [Fact]
    public async Task A_start_before_the_address_and_an_address_that_comes_later()
    {
        const string Address = "198.51.100.7";
        Assert.SkipUnless(Machine.IsRoot && Machine.Has("ip"), "Needs root and ip, to make a network namespace.");
        string name = $"managed-nvmet-{Environment.ProcessId}";
        (int made, string why) = await Machine.RunAsync("ip", "netns", "add", name);
        Assert.SkipUnless(made == 0, $"No network namespace can be made here: {why}");
        _networkNamespace = name;

        // In a network namespace that has never had an address, the kernel lets a socket bind any address. An address on lo ends that.
        await Machine.RequireAsync("ip", "netns", "exec", name, "ip", "link", "set", "lo", "up");
        await System.IO.File.WriteAllTextAsync(File("config.json"), Text(Address, (A, "null:1M")));
        ServerProcess server = Prepare(
            new ServerProcess(Folder, ["--config", File("config.json")]) { Wrapper = ["ip", "netns", "exec", name] });
        server.Launch();
        await server.WaitForOutputAsync(
            "not ready   port 1: Cannot listen on 198.51.100.7:0: no interface of this machine has that address.");

        await Machine.RequireAsync("ip", "netns", "exec", name, "ip", "address", "add", $"{Address}/32", "dev", "lo");

        await server.WaitForOutputAsync($"Port 1 listens on {Address}:[0-9]+ now");
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task A_quick_start_does_not_outlive_a_hang_up()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");

        Assert.NotEqual(0, await server.StopAsync(Signals.HangUp));
    }

    protected override async Task CleanUpAsync()
    {
        if (_networkNamespace is { } name)
            await Machine.RunAsync("ip", "netns", "delete", name);
    }

    private async Task<ServerProcess> StartWithAsync(string text)
    {
        await System.IO.File.WriteAllTextAsync(File("config.json"), text);
        ServerProcess server = Prepare("--config", File("config.json"));
        await server.StartAsync();
        return server;
    }

    private string File(string name) => Path.Combine(Folder, name);

    // Replaces the file by a rename, as editors do.
    private void Replace(string name, string text)
    {
        System.IO.File.WriteAllText(File(name + "~"), text);
        System.IO.File.Move(File(name + "~"), File(name), overwrite: true);
    }

    private static string Text(string address, params (string Nqn, string Device)[] subsystems)
    {
        string names = string.Join(", ", subsystems.Select(each => $"\"{each.Nqn}\""));
        string bodies = string.Join(",\n", subsystems.Select(each =>
            $$"""{ "nqn": "{{each.Nqn}}", "attr": { "allow_any_host": "1" }, """
            + $$""" "namespaces": [ { "nsid": 1, "device": { "path": "{{each.Device}}" } } ] }"""));
        return $$"""
            {
              "ports": [
                { "portid": 1, "addr": { "trtype": "tcp", "traddr": "{{address}}", "trsvcid": "0" }, "subsystems": [ {{names}} ] }
              ],
              "subsystems": [ {{bodies}} ]
            }
            """;
    }
}
