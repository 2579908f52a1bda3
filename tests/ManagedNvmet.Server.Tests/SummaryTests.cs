using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Server.Tests;

public sealed class SummaryTests : ServerTest
{
    private const string Nqn = "nqn.2026-11.com.example:disk1";

    [Fact]
    public async Task Without_arguments_a_disk_of_1_GiB_is_served_to_this_machine_and_the_summary_is_exactly_this()
    {
        Assert.SkipUnless(IsFree(4420), "Port 4420 is in use.");
        ServerProcess server = Prepare();
        await server.StartAsync();
        string path = Path.Combine(StateFolder, "default.img");
        var disk = new FileInfo(path);

        string summary = server.Output[server.Output.IndexOf("ManagedNvmet", StringComparison.Ordinal)..];
        string name = server.SubsystemNqn;
        Assert.Matches("^nqn.2014-08.org.nvmexpress:uuid:[0-9a-f-]{36}$", name);
        Assert.Matches(
            $"""
            ^ManagedNvmet \d+\.\d+\.\d+ is ready

              subsystem   {name}
                          serial number [0-9A-F]+
              disk 1      {path}
                          1 GiB, 512-byte blocks, file, (direct I/O|through the page cache)
                          uuid [0-9a-f-]+
              listening   127\.0\.0\.1:4420
              hosts       any on this machine may read and write \(--allow-host NQN names those that may\)
              identities  {StateFolder}
              resources   \d+ shards?, (io_uring|worker threads), at most [\d.]+ [MG]iB for data in flight

            On this machine, as root, with nvme-cli:

              modprobe nvme-tcp
              nvme discover -t tcp -a 127\.0\.0\.1 -s 4420
              nvme connect  -t tcp -a 127\.0\.0\.1 -s 4420 -n {name}

            $
            """.TrimEnd(),
            summary);
        Assert.Equal("", server.Error);
        Assert.Equal(1L << 30, disk.Length);
        var host = await ConnectAsync(server);
        Assert.True((await host.ReadAsync(0, 1, 0, 1, Initiator.InitiatorController.AllocatePinned(BlockSize))).Status.IsSuccess);

        // The file is sparse and its mode excludes other users.
        Assert.True(long.Parse(await Machine.RequireAsync("stat", "--format=%b", path), null) * 512 < 1 << 20);
        Assert.Equal("600", await Machine.RequireAsync("stat", "--format=%a", path));
        Assert.Equal("700", await Machine.RequireAsync("stat", "--format=%a", StateFolder));
    }

    [Fact]
    public async Task A_file_whose_name_looks_like_memory_is_served_as_a_file()
    {
        MakeFile("mem:1M", 2 << 20);
        ServerProcess server = await StartAsync("--namespace", "file:mem:1M");
        Assert.Contains(Path.Combine(Folder, "mem:1M"), server.Output, StringComparison.Ordinal);
        Assert.Contains("2 MiB, 512-byte blocks, file", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relative_state_folder_works_with_the_verbs()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--state-directory", "relative");
        Assert.Contains(Path.Combine(Folder, "relative"), server.Output, StringComparison.Ordinal);
        string status = await Machine.RequireAsync(
            ServerProcess.Binary, "status", "--server", Path.Combine(Folder, "relative", "management.sock"));
        Assert.Contains(server.SubsystemNqn, status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_block_device_is_read_only_for_hosts_and_in_the_summary()
    {
        Assert.SkipUnless(Machine.IsRoot && Machine.Has("losetup"), "Needs root and losetup, to make block devices.");
        string file = MakeFile("device.img", 16 << 20);
        (int exitCode, string output) = await Machine.RunAsync("losetup", "--find", "--show", "--read-only", file);
        Assert.SkipUnless(exitCode == 0, $"There are no loop devices here: {output}");
        try
        {
            ServerProcess server = await StartAsync("--namespace", output.Trim());
            Assert.Contains("block device, direct I/O, READ-ONLY", server.Output, StringComparison.Ordinal);
            var host = await ConnectAsync(server);
            ReadOnlyMemory<byte> page = await host.IdentifyAsync(0, 1);
            Assert.Equal(1, page.Span[99] & 1);
            Assert.Equal(0, await server.StopAsync());
        }
        finally
        {
            await Machine.RequireAsync("losetup", "--detach", output.Trim());
        }
    }

    [Fact]
    public async Task A_relative_XDG_STATE_HOME_is_ignored_in_favour_of_the_home_folder()
    {
        ServerProcess server = Prepare("--namespace", "mem:1M", "--listen", "127.0.0.1:0");
        server.Environment["XDG_STATE_HOME"] = "state";
        server.Environment["HOME"] = Folder;
        await server.StartAsync();

        Assert.True(File.Exists(Path.Combine(Folder, ".local/state/managed-nvmet/identities.json")));
    }

    [Fact]
    public async Task Every_disk_is_listed_with_size_block_size_and_medium()
    {
        string path = MakeFile("a,b.img", 3 << 20);
        string escaped = path.Replace(",", "\\,", StringComparison.Ordinal);
        ServerProcess server = await StartAsync(
            "--namespace", escaped + ",ro", "--namespace", "null:1T,block-size=4096", "--namespace", "mem:1536K");

        Assert.Matches($@"disk 1      {path}\n +3 MiB, 512-byte blocks, file, [^\n]*, READ-ONLY\n", server.Output);
        Assert.Matches(@"disk 2      null:1T\n +1 TiB, 4096-byte blocks, keeps nothing\n", server.Output);
        Assert.Matches(@"disk 3      mem:1536K\n +1.5 MiB, 512-byte blocks, memory, lost when the server stops\n", server.Output);
    }

    [Fact]
    public async Task Addresses_that_export_the_same_have_one_pair_of_lines_and_it_is_true()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        ServerProcess server = Prepare(
            "--namespace", "mem:1M", "--nqn", Nqn, "--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--listen", "127.0.0.2:0");
        await server.StartAsync();

        IPEndPoint[] endPoints = server.EndPoints;
        Assert.Equal(["127.0.0.1", "::1", "127.0.0.2"], endPoints.Select(endPoint => endPoint.Address.ToString()));
        Assert.Equal(1, server.LineCount("nvme discover"));
        Assert.Equal(1, server.LineCount("nvme connect"));
        string address = $"-t tcp -a {endPoints[0].Address} -s {endPoints[0].Port}";
        Assert.Contains($"\n  nvme discover {address}\n  nvme connect  {address} -n {Nqn}\n", server.Output, StringComparison.Ordinal);
        foreach (IPEndPoint endPoint in endPoints)
            await ConnectAsync(server, options => options with { EndPoint = endPoint });
    }

    [Fact]
    public async Task A_port_for_discovery_alone_has_no_connect_line()
    {
        string file = Path.Combine(Folder, "two.json");
        await File.WriteAllTextAsync(file, """
            {
              "ports": [
                { "portid": 1, "addr": { "trtype": "tcp", "adrfam": "ipv4", "traddr": "127.0.0.1", "trsvcid": "0" },
                  "subsystems": ["nqn.2026-11.com.example:disk1"] },
                { "portid": 2, "addr": { "trtype": "tcp", "adrfam": "ipv4", "traddr": "127.0.0.2", "trsvcid": "0" }, "subsystems": [] }
              ],
              "subsystems": [
                { "nqn": "nqn.2026-11.com.example:disk1", "attr": { "allow_any_host": "1" },
                  "namespaces": [ { "nsid": 1, "device": { "path": "mem:1M" } } ] }
              ]
            }
            """);
        ServerProcess server = Prepare("--config", file);
        await server.StartAsync();

        int discovery = server.EndPoints.Single(endPoint => endPoint.Address.ToString() == "127.0.0.2").Port;
        Assert.Contains($"  nvme discover -t tcp -a 127.0.0.2 -s {discovery}\n", server.Output, StringComparison.Ordinal);
        Assert.Equal(1, server.LineCount("nvme connect"));
        Assert.Equal(0, server.LineCount("nvme connect  -t tcp -a 127.0.0.2"));
    }

    [Fact]
    public async Task A_link_local_address_is_printed_with_the_host_s_interface_and_not_with_a_number_of_this_machine()
    {
        Assert.SkipUnless(
            Machine.IsRoot && Machine.Has("unshare") && Machine.Has("ip"), "Needs root, unshare and ip, for a network of its own.");
        const string prepare = "ip link add ll0 type veth peer name ll1 && ip link set ll0 up && ip link set ll1 up && "
            + "ip -6 addr add fe80::77:1/64 dev ll0 nodad && exec \"$0\" \"$@\"";
        (int possible, _) = await Machine.RunAsync("unshare", "--net", "sh", "-c", prepare, "true");
        Assert.SkipUnless(possible == 0, "This machine cannot make a network with an IPv6 link-local address.");
        string[] arguments = ["--namespace", "mem:1M", "--listen", "[fe80::77:1%ll0]:4420", "--allow-any-host"];
        ServerProcess server = Prepare(new ServerProcess(Folder, arguments)
        {
            Wrapper = ["unshare", "--net", "sh", "-c", prepare],
        });
        await server.StartAsync();

        Assert.Contains("  listening   [fe80::77:1%ll0]:4420\n", server.Output, StringComparison.Ordinal);
        Assert.Contains("  # INTERFACE: the host's network interface", server.Output, StringComparison.Ordinal);
        Assert.Contains("  nvme connect  -t tcp -a fe80::77:1%INTERFACE -s 4420 -n ", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0:0", AddressFamily.InterNetwork)]
    [InlineData("[::]:0", AddressFamily.InterNetworkV6)]
    public async Task A_wildcard_is_shown_with_addresses_that_hosts_can_type(string listen, AddressFamily family)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        ServerProcess server = Prepare("--namespace", "mem:1M", "--listen", listen, "--allow-any-host");
        await server.StartAsync();
        int port = server.EndPoint.Port;
        IPAddress[] shown =
        [
            .. server.Output.Split('\n').Where(line => line.StartsWith("  nvme connect", StringComparison.Ordinal))
                .Select(line => IPAddress.Parse(line.Split(" -a ")[1].Split(' ')[0])),
        ];

        Assert.Single(shown);
        Assert.All(shown, address => Assert.Equal(family, address.AddressFamily));
        Assert.DoesNotContain(IPAddress.Any, shown);
        Assert.DoesNotContain(IPAddress.IPv6Any, shown);
        Assert.Contains("hosts       ANY that reaches this address may read and write", server.Output, StringComparison.Ordinal);
        await ConnectAsync(server, options => options with { EndPoint = new IPEndPoint(shown[0], port) });
    }

    [Fact]
    public async Task With_a_disk_and_no_address_it_listens_everywhere_and_without_IPv6_on_IPv4_alone()
    {
        Assert.SkipUnless(IsFree(4420), "Port 4420 is in use.");
        ServerProcess server = Prepare("--namespace", "mem:1M");
        await server.StartAsync();
        if (Socket.OSSupportsIPv6)
            Assert.Equal(["0.0.0.0:4420", "[::]:4420"], server.EndPoints.Select(endPoint => endPoint.ToString()));
        Assert.Equal(0, await server.StopAsync());

        ServerProcess without = Prepare("--namespace", "mem:1M");
        without.Environment["DOTNET_SYSTEM_NET_DISABLEIPV6"] = "1";
        await without.StartAsync();

        Assert.Equal(["0.0.0.0:4420"], without.EndPoints.Select(endPoint => endPoint.ToString()));
    }

    [Fact]
    public async Task Allowed_hosts_are_listed_instead_of_any()
    {
        ServerProcess server = await StartAsync(
            "--namespace", "mem:1M", "--allow-host", "nqn.2026-11.com.example:one", "--allow-host", "nqn.2026-11.com.example:two");

        Assert.Contains(
            "  hosts       nqn.2026-11.com.example:one\n              nqn.2026-11.com.example:two\n",
            server.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("ANY", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_every_disk_is_read_only_nobody_is_said_to_write()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--read-only");

        Assert.Contains("any on this machine may read (", server.Output, StringComparison.Ordinal);
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
