using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Server.Tests;

public sealed class StartErrorTests : ServerTest
{
    private const int CannotStart = 1;

    [Fact]
    public async Task A_missing_file_is_named_with_the_way_to_make_one()
    {
        string path = Path.Combine(Folder, "nothing.img");

        string line = await RefusalAsync(CannotStart, "--namespace", path);

        Assert.Equal($"managed-nvmet: {path} does not exist. Correct the path, or have a file created with the option create=SIZE. "
            + "(Option: --create SIZE)", line);
    }

    [Fact]
    public async Task A_folder_is_no_disk()
    {
        Assert.Equal(
            $"managed-nvmet: {Folder} is a folder; expected a regular file or a block device.",
            await RefusalAsync(CannotStart, "--namespace", Folder));
    }

    [Fact]
    public async Task A_character_device_is_no_disk()
    {
        Assert.Contains(
            "/dev/null is a special file", await RefusalAsync(CannotStart, "--namespace", "/dev/null"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_file_is_too_small()
    {
        string path = MakeFile("empty.img", 0);

        string line = await RefusalAsync(CannotStart, "--namespace", path);

        Assert.Contains("has 0 bytes, less than one block of 512", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_somebody_else_is_refused_with_its_owner_and_mode()
    {
        string path = MakeFile("root.img", 1 << 20);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        ServerProcess server = await PrepareUnprivilegedAsync("--namespace", path);

        Assert.Equal(
            $"managed-nvmet: nobody may not open {path} for reading and writing. It belongs to root, group root, mode 0600; "
                + "run as that user, or join that group if its mode allows it.",
            await RefusalAsync(server, CannotStart));
    }

    [Fact]
    public async Task A_file_that_may_only_be_read_is_refused_and_served_with_ro()
    {
        string path = MakeFile("readable.img", 1 << 20);
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        string line = await RefusalAsync(await PrepareUnprivilegedAsync("--namespace", path), CannotStart);
        Assert.Contains("nobody may not open", line, StringComparison.Ordinal);

        ServerProcess readOnly = await PrepareUnprivilegedAsync("--namespace", path + ",ro", "--listen", "127.0.0.1:0");
        await readOnly.StartAsync();

        Assert.Equal(0, await readOnly.StopAsync());
    }

    [Fact]
    public async Task A_file_that_a_second_server_asks_for_is_in_use()
    {
        string path = MakeFile("shared.img", 1 << 20);
        ServerProcess first = await StartAsync("--namespace", path);

        string line = await RefusalAsync(
            CannotStart, "--namespace", path, "--listen", "127.0.0.1:0", "--state-directory", Path.Combine(Folder, "other"));

        Assert.Equal(
            $"managed-nvmet: {path} is in use: it is locked by process {first.Id} (managed-nvmet). Stop that first; the option force "
                + "serves it "
                + "all the same, which destroys the data if both write.",
            line);
    }

    [Fact]
    public async Task A_file_in_use_is_served_when_forced_with_a_warning()
    {
        string path = MakeFile("shared.img", 1 << 20);
        await StartAsync("--namespace", path);

        ServerProcess second = await StartAsync("--namespace", path + ",force", "--state-directory", Path.Combine(Folder, "other"));

        Assert.Equal(1, second.LineCount("it is served all the same because that was forced"));
    }

    [Fact]
    public async Task A_disk_that_is_given_twice_is_told_apart_from_one_in_use()
    {
        string path = MakeFile("twice.img", 1 << 20);

        Assert.Equal(
            $"managed-nvmet: {path} is given twice; a disk is served once.",
            await RefusalAsync(CannotStart, "--namespace", path, "--namespace", "./twice.img"));
    }

    [Fact]
    public async Task A_second_server_with_the_same_state_folder_is_refused_and_the_first_one_serves_on()
    {
        ServerProcess first = await StartAsync("--namespace", "mem:1M");

        string line = await RefusalAsync(CannotStart, "--namespace", "mem:2M", "--listen", "127.0.0.1:0");

        Assert.StartsWith(
            $"managed-nvmet: Another server uses the state folder {StateFolder}: it is locked by process {first.Id} ",
            line,
            StringComparison.Ordinal);
        Assert.EndsWith("(Option: --state-directory FOLDER)", line, StringComparison.Ordinal);
        await ConnectAsync(first);
        ServerProcess second = await StartAsync("--namespace", "mem:2M", "--state-directory", Path.Combine(Folder, "second"));
        Assert.NotEqual(first.SubsystemNqn, second.SubsystemNqn);
    }

    [Fact]
    public async Task Create_without_a_file_to_create_is_refused()
    {
        Assert.Contains(
            "--create is for files", await RefusalAsync(2, "--namespace", "mem:1M", "--create", "1G"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_served_is_not_left_behind_by_create()
    {
        string path = Path.Combine(Folder, "small.img");
        Assert.Contains(
            "less than one block", await RefusalAsync(CannotStart, "--namespace", path, "--create", "100"), StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_what_to_do()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();

        Assert.Equal(
            $"managed-nvmet: Cannot listen on {other.LocalEndPoint}: another program already listens there. Stop it, or choose another "
                + "port with "
                + "--listen 127.0.0.1:PORT.",
            await RefusalAsync(CannotStart, "--namespace", "mem:1M", "--listen", $"{other.LocalEndPoint}"));
    }

    [Fact]
    public async Task An_address_of_another_machine_is_refused()
    {
        Assert.Equal(
            "managed-nvmet: Cannot listen on 198.51.100.1:4420: no interface of this machine has that address.",
            await RefusalAsync(CannotStart, "--namespace", "mem:1M", "--listen", "198.51.100.1"));
    }

    [Fact]
    public async Task The_discovery_name_is_no_name_for_a_subsystem()
    {
        Assert.Contains(
            "is the name of every discovery subsystem",
            await RefusalAsync(CannotStart, "--namespace", "mem:1M", "--nqn", "nqn.2014-08.org.nvmexpress.discovery"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_memory_than_the_machine_has_addresses_for_is_refused()
    {
        Assert.Contains("Choose a smaller size.", await RefusalAsync(CannotStart, "--namespace", "mem:200T"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/proc/managed-nvmet")]
    public async Task A_state_folder_that_cannot_be_is_named(string folder)
    {
        string line = await RefusalAsync(CannotStart, "--namespace", "mem:1M", "--state-directory", folder);

        Assert.StartsWith($"managed-nvmet: The state folder {folder} cannot be used: ", line, StringComparison.Ordinal);
        Assert.EndsWith("may read and write. (Option: --state-directory FOLDER)", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_folder_of_somebody_else_is_named()
    {
        ServerProcess server = await PrepareUnprivilegedAsync("--namespace", "mem:1M");
        server.Environment["XDG_STATE_HOME"] = "/root/state";

        Assert.Contains(
            "It must be a folder that nobody may read and write", await RefusalAsync(server, CannotStart), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_without_a_home_is_told_which_folder_it_lacks()
    {
        ServerProcess server = await PrepareUnprivilegedAsync();
        server.Environment["XDG_STATE_HOME"] = "";
        server.Environment["HOME"] = "";

        Assert.Contains(
            "The state folder /nonexistent/.local/state/managed-nvmet cannot be used",
            await RefusalAsync(server, 1),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\n  \"version\": 1,\n  \"serial")]
    [InlineData("{ \"version\": 9, \"serialNumbers\": {}, \"namespaces\": {} }")]
    [InlineData("null")]
    public async Task Damaged_identities_are_an_error_and_stay_as_they_are(string content)
    {
        Directory.CreateDirectory(StateFolder);
        string path = Path.Combine(StateFolder, "identities.json");
        await File.WriteAllTextAsync(path, content);

        string line = await RefusalAsync(CannotStart, "--namespace", "mem:1M");

        Assert.StartsWith($"managed-nvmet: {path} is damaged: ", line, StringComparison.Ordinal);
        Assert.Contains("Restore it from a backup.", line, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task Nothing_that_was_refused_stays_open()
    {
        string path = MakeFile("disk.img", 1 << 20);
        await RefusalAsync(CannotStart, "--namespace", path, "--namespace", "/nothing", "--listen", "127.0.0.1:0");

        ServerProcess server = await StartAsync("--namespace", path);

        Assert.Equal(0, await server.StopAsync());
    }
}
