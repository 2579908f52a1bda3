using System.Text.Json;

namespace ManagedNvmet.Server.Tests;

/// <summary>The verbs of the command line. Each runs in a process of its own, with a server in another one.</summary>
public sealed class VerbTests : ServerTest
{
    private const string HostNqn = "nqn.2026-11.com.example:host";

    [Fact]
    public async Task Status_hosts_and_sessions_show_who_is_connected_and_kill_ends_it()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");
        await ConnectAsync(server);

        string status = await RunAsync("status");
        string hosts = await RunAsync("hosts");
        using JsonDocument sessions = JsonDocument.Parse(await RunAsync("sessions", "--json"));
        JsonElement session = Assert.Single(sessions.RootElement.EnumerateArray());
        string killed = await RunAsync("kill", session.GetProperty("number").ToString());

        Assert.Contains("running for", status, StringComparison.Ordinal);
        Assert.Contains(server.EndPoint.ToString(), status, StringComparison.Ordinal);
        Assert.Contains("mem:1M", status, StringComparison.Ordinal);
        Assert.Contains("connected", hosts, StringComparison.Ordinal);
        Assert.Equal(server.SubsystemNqn, session.GetProperty("subsystemNqn").GetString());
        Assert.Equal("Session 1 has been told to end.\n", killed);
        Assert.Contains("There is no session 1", await FailAsync(1, "kill", "1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_says_who_why_and_what_would_change_it()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--allow-host", HostNqn);
        await Assert.ThrowsAsync<Initiator.InitiatorException>(() => ConnectAsync(server));

        string text = await RunAsync("refused");
        using JsonDocument json = JsonDocument.Parse(await RunAsync("refused", "--json", "--last", "1"));

        Assert.Contains("HostNotAllowed", text, StringComparison.Ordinal);
        Assert.Contains("remedy", text, StringComparison.Ordinal);
        Assert.Equal(1, json.RootElement.GetProperty("total").GetInt64());
        Assert.Equal("HostNotAllowed", json.RootElement.GetProperty("last")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task The_remedy_of_a_refused_host_is_a_command_that_works_when_it_is_typed()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--allow-host", HostNqn);
        const string other = "nqn.2026-11.com.example:$(touch${IFS}here)";
        await Assert.ThrowsAsync<Initiator.InitiatorException>(
            () => ConnectAsync(server, options => options with { HostNqn = Nqn.Parse(other) }));

        string refused = await RunAsync("refused");
        string command = $"managed-nvmet host allow '{other}' --subsystem {server.SubsystemNqn}";
        Assert.Contains($"  remedy  {command}\n", refused, StringComparison.Ordinal);
        string typed = command.Replace("managed-nvmet", ServerProcess.Binary, StringComparison.Ordinal);
        string output = await Machine.RequireAsync("env", $"XDG_STATE_HOME={StateHome}", "sh", "-c", $"cd {Folder} && {typed}");

        Assert.Contains("Applied", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Folder, "here")));
        await ConnectAsync(server, options => options with { HostNqn = Nqn.Parse(other) });
    }

    [Fact]
    public async Task Host_allow_last_lets_in_who_was_refused_unless_there_were_several()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--allow-host", HostNqn);
        Nqn first = Nqn.Parse("nqn.2026-11.com.example:first");
        Nqn second = Nqn.Parse("nqn.2026-11.com.example:second");

        string nobody = await FailAsync(1, "host", "allow", "--last");
        await Assert.ThrowsAsync<Initiator.InitiatorException>(() => ConnectAsync(server, options => options with { HostNqn = first }));
        string allowed = await RunAsync("host", "allow", "--last");
        await ConnectAsync(server, options => options with { HostNqn = first });
        await Assert.ThrowsAsync<Initiator.InitiatorException>(() => ConnectAsync(server, options => options with { HostNqn = second }));
        string several = await FailAsync(1, "host", "allow", "--last");

        Assert.Contains("No host was refused because it is not allowed", nobody, StringComparison.Ordinal);
        Assert.Contains($"{first} from 127.0.0.1", allowed, StringComparison.Ordinal);
        Assert.Contains($"  managed-nvmet host allow {second} --subsystem {server.SubsystemNqn}", several, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_allow_means_the_only_subsystem_and_asks_when_there_are_two()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--allow-host", HostNqn);
        const string nqn = "nqn.2026-11.com.example:other";

        string allowed = await RunAsync("host", "allow", nqn);
        await RunAsync("subsystem", "add", "nqn.2026-11.com.example:two");
        string two = await FailAsync(1, "host", "allow", nqn);
        string none = await FailAsync(2, "host", "allow");
        string both = await FailAsync(2, "host", "allow", nqn, "--last");

        Assert.Contains($"+ allowed host {nqn}", allowed, StringComparison.Ordinal);
        Assert.Contains($"There are 2 subsystems; name one or more with --subsystem: ", two, StringComparison.Ordinal);
        Assert.Contains(server.SubsystemNqn, two, StringComparison.Ordinal);
        Assert.Contains("Give either the NQN of a host, or --last", none, StringComparison.Ordinal);
        Assert.Contains("Give either the NQN of a host, or --last", both, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_socket_has_one_name_for_server_and_verbs_and_an_option_may_stand_before_the_verb()
    {
        string path = Path.Combine(Folder, "own.sock");
        await StartAsync("--namespace", "mem:1M", "--management-socket", path);

        await RunAsync("status", "--management-socket", path);
        await RunAsync("status", "--server", path);
        await RunAsync("--server", path, "status");
        await RunAsync("--json", "--management-socket", path, "host", "allow", HostNqn);
        Assert.Contains(
            "There is no option '--servre'. Did you mean --server?",
            await FailAsync(2, "--servre", path, "status"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public async Task Tables_fit_the_terminal_and_keep_the_numbers(int columns)
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--namespace", "null:1T");
        await ConnectAsync(server, options => options with
        {
            HostNqn = Nqn.Parse("nqn.2014-08.org.nvmexpress:uuid:4c4c4544-0042-3510-8053-b4c04f4e4631"),
        });
        foreach (string verb in (string[])["status", "sessions", "hosts"])
        {
            ServerProcess process = Prepare(verb);
            process.Environment["COLUMNS"] = columns.ToString();
            process.Launch();
            Assert.Equal(0, await process.WaitForExitAsync());

            Assert.All(process.Output.Split('\n').Where(line => line.Contains("  ", StringComparison.Ordinal)), line =>
                Assert.True(line.Length <= columns, $"{line.Length}: {line}"));
            if (verb == "sessions")
                Assert.Matches("\n1  ", process.Output);
        }
        Assert.Contains("4c4c4544-0042-3510-8053-b4c04f4e4631", await RunAsync("sessions", "--wide"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_server_the_verbs_say_where_they_looked_and_end_with_3()
    {
        string nothing = await FailAsync(3, "status");
        string nowhere = await FailAsync(3, "hosts", "--server", "http://127.0.0.1:1");
        string tooLong = await FailAsync(2, "sessions", "--server", "/" + new string('x', 120));

        Assert.Contains($"No server answers at {Path.Combine(StateFolder, "management.sock")}: there is no such socket", nothing,
            StringComparison.Ordinal);
        Assert.Contains("--server", nothing, StringComparison.Ordinal);
        Assert.Contains("nobody listens there", nowhere, StringComparison.Ordinal);
        Assert.Contains("at most 107 bytes", tooLong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_one_object_is_planned_applied_and_rolled_back()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");
        string exported = Path.Combine(Folder, "configuration.json");

        await RunAsync("export", exported);
        string added = await RunAsync("namespace", "add", server.SubsystemNqn, "mem:2M,ro");
        string host = await RunAsync("host", "add", HostNqn, "--subsystem", server.SubsystemNqn);
        string plan = await RunAsync("plan", exported);
        string status = await RunAsync("status");
        string back = await RunAsync("rollback");
        string history = await RunAsync("history");

        Assert.Contains("Applied; the configuration is now", added, StringComparison.Ordinal);
        Assert.Contains("This change is lost when the server stops", added, StringComparison.Ordinal);
        Assert.Contains("managed-nvmet export FILE", added, StringComparison.Ordinal);
        Assert.Contains(HostNqn, host, StringComparison.Ordinal);
        Assert.Contains("- ", plan, StringComparison.Ordinal);
        Assert.Contains("2 MiB", status, StringComparison.Ordinal);
        Assert.Contains("read-only", status, StringComparison.Ordinal);
        Assert.Contains("Applied", back, StringComparison.Ordinal);
        Assert.True(history.Split('\n').Length >= 4, history);
        Assert.DoesNotContain(HostNqn, await RunAsync("export"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_is_removed_wherever_it_stands_and_opens_nothing_to_others()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--allow-host", HostNqn);
        string nqn = server.SubsystemNqn;
        await RunAsync("subsystem", "set", nqn, "allowed_hosts+=nqn.2026-11.com.example:other");
        await RunAsync("namespace", "set", nqn, "1", $"visible_to+={HostNqn}", $"read_only_for+={HostNqn}",
            $"qos_by_host=[{{\"nqn\":\"{HostNqn}\",\"qos\":{{\"read_iops\":1000}}}}]");

        // The host has no entry under hosts in the configuration.
        string removed = await RunAsync("host", "remove", HostNqn);
        string exported = await RunAsync("export");
        string again = await FailAsync(1, "host", "remove", HostNqn);

        Assert.Contains($"- allowed host {HostNqn}", removed, StringComparison.Ordinal);
        Assert.DoesNotContain(HostNqn, exported, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(exported);
        JsonElement rules = document.RootElement.GetProperty("subsystems")[0].GetProperty("namespaces")[0].GetProperty("managed_nvmet");
        Assert.Equal(0, rules.GetProperty("visible_to").GetArrayLength());
        Assert.Contains($"There is no host {HostNqn}", again, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_taken_out_of_a_list_that_is_left_out_because_an_empty_one_means_another_thing()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");

        string message = await FailAsync(1, "namespace", "set", server.SubsystemNqn, "1", $"visible_to-={HostNqn}");

        Assert.Contains("visible_to is left out", message, StringComparison.Ordinal);
        Assert.DoesNotContain("visible_to", await RunAsync("export"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_somebody_else_changed_is_not_overwritten_and_a_wrong_one_is_explained()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");
        string exported = Path.Combine(Folder, "configuration.json");
        string wrong = Path.Combine(Folder, "wrong.json");
        await RunAsync("export", exported);
        await File.WriteAllTextAsync(wrong,
            """{ "subsystems": [ { "nqn": "nqn.2026-11.com.example:x", "namespaces": [ { "nsid": 0 } ] } ] }""");

        string conflict = await FailAsync(4, "apply", exported, "--if-match", "0000000000000000");
        string mistakes = await FailAsync(1, "apply", wrong);
        string missing = await FailAsync(1, "apply", Path.Combine(Folder, "nothing.json"));

        Assert.Contains("Somebody else changed the configuration", conflict, StringComparison.Ordinal);
        Assert.Contains("$.subsystems[0].namespaces[0]", mistakes, StringComparison.Ordinal);
        Assert.Contains("cannot be read", missing, StringComparison.Ordinal);
        Assert.Contains("mem:1M", await RunAsync("status"), StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Doctor_finds_a_target_and_prints_the_line_that_connects()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");

        string found = await RunAsync("doctor", server.EndPoint.ToString());
        int port = server.EndPoint.Port;
        await server.StopAsync();
        (int code, string gone, _) = await ExecuteAsync("doctor", $"127.0.0.1:{port}");

        Assert.Contains($"nvme connect -t tcp -a 127.0.0.1 -s {port} -n {server.SubsystemNqn}", found, StringComparison.Ordinal);
        Assert.Contains("It answers as an NVMe/TCP target", found, StringComparison.Ordinal);
        Assert.Equal(1, code);
        Assert.Contains("nothing listens there", gone, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Completion_is_a_script_of_the_shell(string shell)
    {
        string script = await RunAsync("completion", shell);

        Assert.Contains("managed-nvmet", script, StringComparison.Ordinal);
        if (shell == "bash")
        {
            string path = Path.Combine(Folder, "completion.bash");
            await File.WriteAllTextAsync(path, script);
            string words = await Machine.RequireAsync("bash", "-c",
                $"source {path}; COMP_WORDS=({ServerProcess.Binary} st); COMP_CWORD=1; COMP_LINE='managed-nvmet st'; COMP_POINT=16; "
                    + $"_managed_nvmet; echo ${{COMPREPLY[@]}}");
            Assert.Contains("status", words, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("There is no verb 'statsu'. Did you mean status?", "statsu")]
    [InlineData("There is no option '--jsn'. Did you mean --json?", "status", "--jsn")]
    [InlineData("'extra' is one argument too many for 'status'.", "status", "extra")]
    [InlineData("Required argument 'session' missing", "kill")]
    [InlineData("expected an address with a port, such as 127.0.0.1:4421", "--management", "127.0.0.1")]
    [InlineData("--otlp is 'collector', expected an address", "--otlp", "collector")]
    [InlineData("--management-socket is empty", "--management-socket", "")]
    public async Task A_wrong_word_is_explained(string sentence, params string[] arguments) =>
        Assert.Contains(sentence, await FailAsync(2, arguments), StringComparison.Ordinal);

    [Fact]
    public async Task Management_over_TCP_without_a_token_keeps_the_server_from_starting()
    {
        string line = await RefusalAsync(1, "--namespace", "mem:1M", "--listen", "127.0.0.1:0", "--management", "127.0.0.1:0");

        Assert.Contains("--management-token-file", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Top_shows_who_does_what()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");
        var host = await ConnectAsync(server);
        using var done = new CancellationTokenSource();
        Task load = LoadAsync(host, done.Token);

        string top = await RunAsync("top", "--count", "1");

        await done.CancelAsync();
        await load;
        Assert.Contains("COMMANDS/S", top, StringComparison.Ordinal);
        Assert.Contains("read", top, StringComparison.Ordinal);
    }

    private static async Task LoadAsync(Initiator.InitiatorController host, CancellationToken cancellationToken)
    {
        Memory<byte> data = Initiator.InitiatorController.AllocatePinned(BlockSize);
        while (!cancellationToken.IsCancellationRequested)
            (await host.ReadAsync(0, 1, 0, 1, data)).Require("Read");
    }
}
