using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using ManagedNvmet.Target.Ana;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

public sealed class ConfigurationFileTests
{
    private const string Minimal = """
        { "hosts": [ { "nqn": "nqn.2026-11.com.example:h" } ],
          "ports": [ { "portid": 1, "addr": { "trtype": "tcp", "traddr": "127.0.0.1" }, "subsystems": [ "nqn.2026-11.com.example:a" ] } ],
          "subsystems": [ { "nqn": "nqn.2026-11.com.example:a", "namespaces": [ { "nsid": 1, "device": { "path": "null:1G" } } ] } ] }
        """;

    /// <summary>Every attribute that may be left out, by its object in <see cref="Minimal"/> and its place.</summary>
    public static TheoryData<string, string> OptionalAttributes()
    {
        var data = new TheoryData<string, string>();
        Add("hosts", ConfigurationTables.Host);
        Add("ports", ConfigurationTables.Port);
        Add("subsystems", ConfigurationTables.Subsystem);
        Add("namespaces", ConfigurationTables.Namespace);
        return data;

        void Add<T>(string list, ObjectTable<T> table)
            where T : class
        {
            foreach (AttributeDefinition<T> attribute in table.Attributes.Where(each => !each.IsRequired && !each.IsKeptOnly))
                data.Add(list, attribute.Place);
        }
    }

    [Theory]
    [MemberData(nameof(OptionalAttributes))]
    public void An_attribute_that_is_null_counts_as_left_out(string list, string place)
    {
        JsonNode with = JsonNode.Parse(Minimal)!;
        JsonNode without = JsonNode.Parse(Minimal)!;
        string[] steps = place.Split('.');
        JsonObject target = GroupOf(ObjectOf(with, list), steps);
        target[steps[^1]] = null;
        GroupOf(ObjectOf(without, list), steps).Remove(steps[^1]);

        ConfigurationReading reading = Samples.Read(with.ToJsonString());

        Assert.True(reading.IsSound, string.Join('\n', reading.Problems));
        Assert.Equal(Samples.Read(without.ToJsonString()).Configuration, reading.Configuration);
    }

    [Fact]
    public void A_group_or_a_list_that_is_null_counts_as_left_out_and_a_required_attribute_does_not()
    {
        ConfigurationReading group = Samples.Read(
            """{ "hosts": null, "subsystems": [ { "nqn": "nqn.2026-11.com.example:a", "attr": null } ] }""");
        ConfigurationReading required = Samples.Read("""{ "subsystems": [ { "nqn": null } ] }""");

        Assert.True(group.IsSound, string.Join('\n', group.Problems));
        Assert.Contains("it has no \"nqn\"", Assert.Single(required.Problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "adrfam": "", "traddr": "", "treq": "not specified", "trsvcid": "", "trtype": "" }""")]
    [InlineData("""{ "adrfam": "ipv4", "traddr": "", "trsvcid": "", "trtype": "tcp" }""")]
    public void A_port_without_an_address_is_kept_and_not_served(string address)
    {
        string text =
            $$"""{ "ports": [ { "portid": 2, "addr": {{address}}, "param": { "inline_data_size": "-1" }, "subsystems": [] } ] }""";

        ConfigurationReading reading = Samples.Read(text);

        Assert.True(reading.IsSound, string.Join('\n', reading.Problems));
        Assert.StartsWith(
            "port 2 has no address yet; it is kept and not served.", Assert.Single(reading.Problems).Message, StringComparison.Ordinal);
        PortConfiguration port = Assert.Single(reading.Configuration!.Ports);
        Assert.False(PortAddress.IsServed(port));
        ConfigurationReading again = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(ConfigurationFile.Write(reading.Configuration)));
        Assert.Equal(reading.Configuration, again.Configuration);
    }

    [Fact]
    public void A_file_of_nvmetcli_loads_as_it_is_and_a_save_keeps_every_attribute()
    {
        string text = File.ReadAllText(Samples.Path("nvmetcli.json"));

        ConfigurationReading reading = Samples.Read(text);
        string saved = ConfigurationFile.Write(reading.Configuration!);

        Assert.True(reading.IsSound, string.Join('\n', reading.Problems));
        Dictionary<string, string> before = Leaves(JsonNode.Parse(text)!);
        Dictionary<string, string> after = Leaves(JsonNode.Parse(saved)!);

        // An empty key and -1 mean the same as a missing value.
        string[] meaningless = [".hosts[1].dhchap.key", ".hosts[1].dhchap.ctrl_key", ".ports[1].param.inline_data_size"];
        Assert.Equal(meaningless.Order(StringComparer.Ordinal), before.Keys.Except(after.Keys).Order(StringComparer.Ordinal));
        Assert.All(before.Keys.Intersect(after.Keys), key => Assert.Equal(before[key], after[key]));
    }

    [Fact]
    public void What_the_file_says_is_what_the_records_hold()
    {
        TargetConfiguration read = Samples.Read(File.ReadAllText(Samples.Path("nvmetcli.json"))).Configuration!;

        SubsystemConfiguration disks = read.Subsystems[0];
        Assert.Equal("d958dba9aa7f964f3163", disks.SerialNumber);
        Assert.Equal(128, disks.MaxQueues);
        Assert.False(disks.AllowAnyHost);
        Assert.Equal("/dev/vg0/lv,0", disks.Namespaces[0].Device);
        Assert.Equal(2u, disks.Namespaces[0].AnaGroup);
        Assert.Equal(
            UInt128.Parse("5b722b05e9d6542dae8062010b57f775", System.Globalization.NumberStyles.HexNumber), disks.Namespaces[0].Nguid);
        Assert.False(disks.Namespaces[1].IsEnabled);
        Assert.Equal("\"0x000000\"", disks.Unknown.Values["attr/ieee_oui"]);
        Assert.Equal(AnaState.NonOptimized, read.Ports[0].AnaGroups[1].State);
        Assert.Equal(PortAddressFamily.Ipv6, read.Ports[0].Referrals[0].AddressFamily);
        Assert.Equal("loop", read.Ports[1].TransportType);
        Assert.Equal("hostnqn", read.Hosts[0].Nqn.Text);
    }

    [Fact]
    public void Unknown_attributes_and_groups_survive_with_a_warning_that_suggests()
    {
        ConfigurationReading reading = Samples.Read(
            """
            {
              "future": { "deep": [1, { "a": null }] }, "_note": "kept without a word",
              "subsystems": [ { "nqn": "nqn.2026-11.com.example:a", "attr": { "seriall": "X", "allow_any_host": 1 }, "zone": 7 } ]
            }
            """);
        TargetConfiguration again = Samples.Read(ConfigurationFile.Write(reading.Configuration!)).Configuration!;

        Assert.True(reading.IsSound);
        Assert.Equal(reading.Configuration, again);
        Assert.Equal("""{"deep":[1,{"a":null}]}""", again.Unknown.Values["future"]);
        Assert.Equal("\"X\"", again.Subsystems[0].Unknown.Values["attr/seriall"]);
        Assert.Equal(
            [
                "line 2, $.future: the attribute \"future\" of a configuration is not known; it is kept and has no effect.",
                "line 3, $.subsystems[0].attr.seriall: the attribute \"seriall\" of a subsystem is not known; it is kept and has no "
                    + "effect. "
                    + "Did you mean \"serial\"?",
                "line 3, $.subsystems[0].zone: the attribute \"zone\" of a subsystem is not known; it is kept and has no effect.",
            ],
            reading.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void Comments_commas_at_the_end_and_a_byte_order_mark_are_taken()
    {
        byte[] text = [.. Encoding.UTF8.Preamble, .. "{ // hosts\n \"hosts\": [ /* none */ ], }"u8];

        Assert.True(ConfigurationFile.Parse(text).IsSound);
    }

    [Fact]
    public void What_is_written_reads_as_the_same_for_any_configuration() => ConfigurationGen.Any.Sample(configuration =>
    {
        ConfigurationReading reading = Samples.Read(ConfigurationFile.Write(configuration));

        Assert.DoesNotContain(reading.Problems, problem => problem.Message.Contains("not known", StringComparison.Ordinal));
        Assert.Equal(configuration.Normalize(), reading.Configuration);
        Assert.Equal(ConfigurationETag.Of(configuration), ConfigurationETag.Of(reading.Configuration!));
    }, iter: 300, threads: 1);

    [Fact]
    public void Damaged_text_is_a_problem_and_never_an_exception()
    {
        byte[] sound = File.ReadAllBytes(Samples.Path("nvmetcli.json"));
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte).Array[1, 4].Sample(changes =>
        {
            byte[] damaged = [.. sound];
            foreach ((int at, byte value) in changes)
                damaged[at] = value;
            ConfigurationReading reading = ConfigurationFile.Parse(damaged);
            Assert.True(reading.Configuration is not null || reading.Problems.Count > 0);
        }, iter: 500, threads: 1);
    }

    [Fact]
    public void A_save_replaces_the_file_as_a_whole_and_keeps_its_mode_and_a_link_to_it()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "config.json");
        string link = Path.Combine(folder.Path, "link.json");
        File.WriteAllText(file, "old");
        File.SetUnixFileMode(file, (UnixFileMode)0b110_100_000);
        File.CreateSymbolicLink(link, file);

        ConfigurationFile.Save(link, TargetConfiguration.Empty);

        Assert.Equal((UnixFileMode)0b110_100_000, File.GetUnixFileMode(file));
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.True(ConfigurationFile.Load(file).IsSound);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void A_new_file_is_for_its_owner_alone()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "config.json");

        ConfigurationFile.Save(file, TargetConfiguration.Empty);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        ConfigurationException thrown = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load("/nonexistent/config.json"));

        Assert.StartsWith("/nonexistent/config.json cannot be read: ", thrown.Message, StringComparison.Ordinal);
    }

    // Returns all values by their path. Lists whose order has no meaning are sorted by name.
    private static Dictionary<string, string> Leaves(JsonNode root)
    {
        var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
        Walk(root, "");
        return leaves;

        void Walk(JsonNode? node, string path)
        {
            switch (node)
            {
                case JsonObject members:
                    foreach ((string name, JsonNode? value) in members)
                        Walk(value, $"{path}.{name}");
                    break;
                case JsonArray items:
                    int index = 0;
                    foreach (JsonNode? item in items.OrderBy(
                        each => each is JsonObject named ? $"{named["nqn"]}{named["portid"]}{named["nsid"]}" : each!.ToString(),
                        StringComparer.Ordinal))
                    {
                        Walk(item, $"{path}[{index++}]");
                    }
                    break;
                default:
                    leaves.Add(path, node?.ToString() ?? "null");
                    break;
            }
        }
    }

    private static JsonObject ObjectOf(JsonNode root, string list) =>
        (list == "namespaces" ? root["subsystems"]![0]![list] : root[list])![0]!.AsObject();

    private static JsonObject GroupOf(JsonObject target, string[] steps)
    {
        if (steps.Length == 1)
            return target;
        if (target[steps[0]] is not JsonObject group)
            target[steps[0]] = group = [];
        return group;
    }
}
