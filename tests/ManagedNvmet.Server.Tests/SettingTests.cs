using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using ManagedNvmet.Server.Settings;

namespace ManagedNvmet.Server.Tests;

/// <summary>Settings of the process from files, variables and options.</summary>
public sealed class SettingTests : ServerTest
{
    public static TheoryData<string> Keys => [.. SettingTable.All.Select(setting => setting.Key)];

    public static TheoryData<string> Files => ["docs/reference/settings.md", "packaging/appsettings.json"];

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_setting_reads_what_it_shows_and_has_a_name_a_range_and_a_help(string key)
    {
        Setting setting = SettingTable.Find(key.ToLowerInvariant())!;
        var settings = new ServerSettings();
        string shown = setting.Show(settings);

        Assert.Equal(key, setting.Key);
        Assert.Matches("^[A-Z][A-Za-z]+:[A-Z][A-Za-z0-9]+$", key);
        Assert.Matches("^[A-Z].*[^.]$", setting.Help);
        Assert.NotEmpty(setting.Range);
        Assert.NotEmpty(setting.Default);
        if (shown.Length == 0)
            return;
        Assert.Null(setting.Apply(settings, shown));
        Assert.Equal(shown, setting.Show(settings));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_ends_of_a_range_are_accepted_and_what_is_beyond_is_refused(string key)
    {
        Setting setting = SettingTable.Find(key)!;
        Match range = Regex.Match(setting.Range, @"([\d.]+)([KMG]iB)? to ([\d.]+)([KMG]iB)?");
        if (!range.Success)
        {
            Assert.NotNull(setting.Apply(new ServerSettings(), ""));
            return;
        }
        string least = range.Groups[1].Value + range.Groups[2].Value;
        string most = range.Groups[3].Value + range.Groups[4].Value;

        Assert.Null(setting.Apply(new ServerSettings(), least));
        Assert.Null(setting.Apply(new ServerSettings(), most));
        Assert.Equal($" is '-1', expected {setting.Range}.", setting.Apply(new ServerSettings(), "-1"));
        string beyond = range.Groups[3].Value + "0" + range.Groups[4].Value;
        Assert.Equal($" is '{beyond}', expected {setting.Range}.", setting.Apply(new ServerSettings(), beyond));
    }

    [Fact]
    public void No_two_settings_have_the_same_name_option_variable_or_identity()
    {
        Assert.Equal(SettingTable.All.Count, SettingTable.All.Select(setting => setting.Variable).Distinct().Count());
        Assert.Distinct(SettingTable.All.SelectMany(setting => setting.Identities));
        Assert.Distinct(SettingTable.All.Select(setting => setting.Option).OfType<string>());
    }

    [Theory]
    [InlineData("See MaxAdminQueueEntries", "See the setting Queues:MaxAdminEntries (--set Queues:MaxAdminEntries=COUNT)")]
    [InlineData("See TargetLimits.MaxControllers and SubsystemLimits.MaxControllers",
        "See the setting Subsystems:MaxControllers (--set Subsystems:MaxControllers=COUNT) and max_controllers of the subsystem")]
    [InlineData("See MaxConnectionsPerAddress", "See the setting Connections:MaxPerAddress (--set Connections:MaxPerAddress=COUNT)")]
    [InlineData("See Port.MaxConnections", "See max_connections of the port")]
    [InlineData("See ConnectionLimits.HandshakeMilliseconds, or what connects there",
        "See the setting Transport:HandshakeSeconds (--set Transport:HandshakeSeconds=SECONDS), or what connects there")]
    [InlineData("Nothing to see", "Nothing to see")]
    public void A_library_s_name_of_a_setting_becomes_the_user_s(string text, string expected) =>
        Assert.Equal(expected, SettingText.Explain(text));

    [Theory]
    [MemberData(nameof(Files))]
    public void A_generated_file_is_up_to_date(string file)
    {
        string expected = file.EndsWith(".md", StringComparison.Ordinal) ? SettingDocuments.Reference() : SettingDocuments.Sample();
        string path = Path.Combine(Repository(), file);
        if (Environment.GetEnvironmentVariable("MANAGEDNVMET_WRITE_SNAPSHOTS") == "1")
            File.WriteAllText(path, expected);

        Assert.True(File.Exists(path), $"{file} is missing; MANAGEDNVMET_WRITE_SNAPSHOTS=1 writes it.");
        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact]
    public async Task A_later_place_overrides_an_earlier_one_and_status_says_which()
    {
        string file = WriteSettings("""
            {
              "Connections": { "Max": 100, "MaxPerAddress": 90 },
              "Hosts": { "MaxQueues": 80 },
              "Shards": { "Count": 1, "SpinMicroseconds": 3 }
            }
            """);
        ServerProcess server = Prepare("--namespace", "mem:1M", "--listen", "127.0.0.1:0", "--settings", file,
            "--shards", "2", "--set", "Hosts:MaxQueues=60");
        server.Environment["MANAGED_NVMET_CONNECTIONS__MAXPERADDRESS"] = "70";
        server.Environment["MANAGED_NVMET_HOSTS__MAXQUEUES"] = "65";
        server.Environment["MANAGED_NVMET_SERVER"] = "/ignored";
        await server.StartAsync();

        string text = await RunAsync("status", "--settings");
        using JsonDocument status = JsonDocument.Parse(await RunAsync("status", "--json"));
        (string, string, string)[] settings =
        [
            .. status.RootElement.GetProperty("settings").EnumerateArray().Select(each => (
                each.GetProperty("name").GetString()!, each.GetProperty("value").GetString()!, each.GetProperty("source").GetString()!)),
        ];

        Assert.Equal(SettingTable.All.Count, settings.Length);
        Assert.Contains(("Connections:Max", "100", file), settings);
        Assert.Contains(("Connections:MaxPerAddress", "70", "MANAGED_NVMET_CONNECTIONS__MAXPERADDRESS"), settings);
        Assert.Contains(("Hosts:MaxQueues", "60", "--set Hosts:MaxQueues"), settings);
        Assert.Contains(("Shards:Count", "2", "--shards"), settings);
        Assert.Contains(("Shards:SpinMicroseconds", "3", file), settings);
        Assert.Contains(("Queues:MaxEntries", "1024", "default"), settings);
        Assert.Matches(@"Connections:Max +100 +" + Regex.Escape(file), text);
        Assert.Contains("2 shards", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_that_is_set_is_kept_to_and_the_refusal_names_the_setting()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M", "--set", "Subsystems:MaxControllers=1");
        Nqn host = Nqn.Parse("nqn.2026-11.com.example:host");
        await ConnectAsync(server, options => options with { HostNqn = host });

        await Assert.ThrowsAsync<Initiator.InitiatorException>(() => ConnectAsync(server, options => options with { HostNqn = host }));

        Assert.Contains("Subsystems:MaxControllers", await RunAsync("refused"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--set Connections:Max is '0', expected 1 to 1000000.", "--set", "Connections:Max=0")]
    [InlineData("--set is 'Connections', expected NAME=VALUE", "--set", "Connections")]
    [InlineData("There is no setting 'Connections:Maximum' (--set). Did you mean Connections:Max?", "--set", "Connections:Maximum=3")]
    [InlineData("--set Transfers:MaxBytes is '3M', expected 4KiB to 16MiB, a power of two.", "--set", "Transfers:MaxBytes=3M")]
    [InlineData(
        "Shards:BufferBytes is 1048576 bytes, less than one transfer",
        "--set",
        "Shards:BufferBytes=1M",
        "--set",
        "Transfers:MaxBytes=2M")]
    [InlineData("Connections:MaxPerAddress is 4096, more than Connections:Max (3).", "--set", "Connections:Max=3")]
    public async Task A_wrong_setting_of_the_command_line_is_one_line(string sentence, params string[] arguments) =>
        Assert.Contains(sentence, await RefusalAsync(2, arguments), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "Shards": { "Count": 99 } }""", "Shards:Count in {0} is '99', expected 1 to 64.")]
    [InlineData("""{ "Shards": { "Conut": 2 } }""", "There is no setting 'Shards:Conut' ({0}). Did you mean Shards:Count?")]
    [InlineData("""{ "Shards": { "Count": [2] } }""", "There is no setting 'Shards:Count:0' ({0})")]
    [InlineData("""{ "Shards": """, "The settings of {0} cannot be read: ")]
    public async Task A_wrong_setting_of_a_file_is_one_line(string json, string sentence)
    {
        string file = WriteSettings(json);

        Assert.Contains(string.Format(null, sentence, file), await RefusalAsync(2, "--settings", file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MANAGED_NVMET_SHARDS__COUNT", "x", "The variable MANAGED_NVMET_SHARDS__COUNT is 'x', expected 1 to 64.")]
    [InlineData("MANAGED_NVMET_SHARDS__CONUT", "1", "There is no setting 'SHARDS:CONUT' (the environment). Did you mean Shards:Count?")]
    public async Task A_wrong_setting_of_the_environment_is_one_line(string variable, string value, string sentence)
    {
        ServerProcess server = Prepare("--namespace", "mem:1M");
        server.Environment[variable] = value;

        Assert.Contains(sentence, await RefusalAsync(server, 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_settings_that_does_not_exist_is_one_line() =>
        Assert.Contains(
            "The settings of /nothing.json cannot be read", await RefusalAsync(2, "--settings", "/nothing.json"), StringComparison.Ordinal);

    [Fact]
    public async Task The_sample_is_accepted_and_changes_nothing()
    {
        ServerProcess server = await StartAsync(
            "--namespace", "mem:1M", "--settings", Path.Combine(Repository(), "packaging/appsettings.json"));

        using JsonDocument status = JsonDocument.Parse(await RunAsync("status", "--json"));

        Assert.All(status.RootElement.GetProperty("settings").EnumerateArray(), each =>
            Assert.Equal("default", each.GetProperty("source").GetString()));
        Assert.False(server.HasExited);
    }

    [Fact]
    public async Task The_verb_lists_every_setting_without_a_server()
    {
        string text = await RunAsync("settings");

        Assert.All(SettingTable.All, setting => Assert.Contains("\n" + setting.Key, text, StringComparison.Ordinal));
    }

    private static string Repository([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));

    private string WriteSettings(string json)
    {
        string file = Path.Combine(Folder, "settings.json");
        File.WriteAllText(file, json);
        return file;
    }
}
