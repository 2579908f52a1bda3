using System.Text;
using ManagedNvmet.Target.Ana;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

public sealed class ImportTests
{
    [Fact]
    public void What_save_config_of_SPDK_wrote_becomes_a_configuration()
    {
        ConfigurationReading reading = SpdkImporter.Parse(File.ReadAllBytes(Samples.Path("spdk.json")));

        Assert.True(reading.IsSound, string.Join('\n', reading.Problems));
        Snapshot.Check("tests/ManagedNvmet.Configuration.Tests/Data/spdk.expected.json", ConfigurationFile.Write(reading.Configuration!));
        Snapshot.Check(
            "tests/ManagedNvmet.Configuration.Tests/Data/spdk.expected.txt",
            string.Concat(reading.Problems.Select(problem => $"{problem}\n")));
    }

    [Fact]
    public void Something_else_than_SPDKs_file_is_refused_in_a_sentence()
    {
        ConfigurationProblem problem = Assert.Single(SpdkImporter.Parse("""{ "subsystems": [ { "nqn": "a" } ] }"""u8).Problems);

        Assert.Equal("it has no \"subsystems\" with \"config\" in them, which save_config of SPDK writes.", problem.Message);
    }

    [Fact]
    public void A_kernels_tree_becomes_a_configuration_with_what_is_unknown()
    {
        using var folder = new TemporaryFolder();
        Tree(folder.Path, new()
        {
            ["hosts/nqn.2026-11.com.example:h/dhchap_key"] = "",
            ["hosts/nqn.2026-11.com.example:h/dhchap_hash"] = "hmac(sha256)",
            ["subsystems/nqn.2026-11.com.example:a/attr_serial"] = "0c74361069d9db6c65ef",
            ["subsystems/nqn.2026-11.com.example:a/attr_allow_any_host"] = "0",
            ["subsystems/nqn.2026-11.com.example:a/attr_ieee_oui"] = "0x000000",
            ["subsystems/nqn.2026-11.com.example:a/attr_later"] = "7",
            ["subsystems/nqn.2026-11.com.example:a/passthru/enable"] = "1",
            ["subsystems/nqn.2026-11.com.example:a/namespaces/3/device_path"] = "/dev/vg0/lv,0",
            ["subsystems/nqn.2026-11.com.example:a/namespaces/3/device_uuid"] = "43c4260a-826b-475d-9b42-883b4258f53f",
            ["subsystems/nqn.2026-11.com.example:a/namespaces/3/device_nguid"] = "00000000-0000-0000-0000-000000000000",
            ["subsystems/nqn.2026-11.com.example:a/namespaces/3/ana_grpid"] = "2",
            ["subsystems/nqn.2026-11.com.example:a/namespaces/3/buffered_io"] = "1",
            ["subsystems/nqn.2026-11.com.example:a/namespaces/3/enable"] = "1",
            ["subsystems/nqn.2026-11.com.example:a/namespaces/4/device_path"] = "(null)",
            ["ports/1/addr_trtype"] = "tcp",
            ["ports/1/addr_adrfam"] = "ipv6",
            ["ports/1/addr_traddr"] = "::1",
            ["ports/1/addr_trsvcid"] = "4420",
            ["ports/1/addr_treq"] = "not specified",
            ["ports/1/param_inline_data_size"] = "16384",
            ["ports/1/ana_groups/2/ana_state"] = "non-optimized",
            ["ports/1/referrals/other/addr_traddr"] = "192.0.2.9",
            ["ports/1/referrals/other/addr_trtype"] = "tcp",
            ["ports/1/referrals/other/enable"] = "1",
        });
        Link(
            folder.Path, "subsystems/nqn.2026-11.com.example:a/allowed_hosts/nqn.2026-11.com.example:h", "hosts/nqn.2026-11.com.example:h");
        Link(folder.Path, "ports/1/subsystems/nqn.2026-11.com.example:a", "subsystems/nqn.2026-11.com.example:a");

        ConfigurationReading reading = ConfigfsImporter.Read(folder.Path);

        Assert.True(reading.IsSound, string.Join('\n', reading.Problems));
        TargetConfiguration read = reading.Configuration!;
        SubsystemConfiguration subsystem = Assert.Single(read.Subsystems);
        Assert.Equal("nqn.2026-11.com.example:h", Assert.Single(subsystem.AllowedHosts).Text);
        Assert.Null(Assert.Single(read.Hosts).KeyReference);
        Assert.Equal("\"7\"", subsystem.Unknown.Values["attr/later"]);
        NamespaceConfiguration served = Assert.Single(subsystem.Namespaces);
        Assert.Equal(
            (3u, "/dev/vg0/lv,0", true, true, 2u, null),
            (served.Id, served.Device, served.IsEnabled, served.IsBuffered, served.AnaGroup, served.Nguid));
        PortConfiguration port = Assert.Single(read.Ports);
        Assert.Equal(("::1", 4420, AnaState.NonOptimized), (port.Address, port.ServiceId, port.AnaGroups[0].State));
        Assert.Equal("192.0.2.9", port.Referrals[0].Address);
        Assert.Equal(subsystem.Nqn, Assert.Single(port.Subsystems));
        Assert.Contains(
            reading.Problems, problem => problem.Message.Contains("passes a whole controller through", StringComparison.Ordinal));
        Assert.Contains(reading.Problems, problem => problem.Message.Contains("namespace 4 of", StringComparison.Ordinal));
    }

    [Fact]
    public void What_SPDKs_file_says_in_calls_of_its_own_counts_and_the_rest_is_named_with_its_line()
    {
        ConfigurationReading reading = SpdkImporter.Parse(
            """
            { "subsystems": [
              { "subsystem": "iobuf", "config": [ { "method": "iobuf_set_options", "params": { "small_pool_count": 8192 } } ] },
              { "subsystem": "bdev", "config": [
                { "method": "bdev_set_options", "params": { "bdev_io_pool_size": 65535 } },
                {"method":"construct_malloc_bdev","params":{"name":"M0","num_blocks":32768,"block_size":512,"md_size":8,"dif_type":0}} ]},
              { "subsystem": "nvmf", "config": [
                { "method": "nvmf_set_crdt", "params": { "crdt1": 30 } },
                {"method":"nvmf_subsystem_create","params":{"nqn":"nqn.2026-11.com.example:a","allow_any_host":false,"max_namespaces":32}},
                { "method": "nvmf_subsystem_allow_any_host", "params": { "nqn": "nqn.2026-11.com.example:a", "allow_any_host": true } },
            {"method":"nvmf_subsystem_add_ns","params":{"nqn":"nqn.2026-11.com.example:a","namespace":{"bdev_name":"M0","ptpl_file":"/x"}}},
                {"method":"nvmf_subsystem_add_ns","params":{"nqn":"nqn.2026-11.com.example:gone","namespace":{"bdev_name":"M0"}}},
                {"method":"nvmf_subsystem_add_host","params":{"nqn":"nqn.2026-11.com.example:gone","host":"nqn.2026-11.com.example:h"}},
                {"method":"nvmf_ns_add_host","params":{"nqn":"nqn.2026-11.com.example:a","nsid":9,"host":"nqn.2026-11.com.example:h"}},
                {"method":"nvmf_subsystem_add_listener","params":{"nqn":"nqn.2026-11.com.example:gone","listen_address":{"trtype":"TCP",
                  "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "4420" } } } ] } ] }
            """u8);

        Assert.True(reading.IsSound, string.Join('\n', reading.Problems));
        SubsystemConfiguration subsystem = Assert.Single(reading.Configuration!.Subsystems);
        Assert.True(subsystem.AllowAnyHost);
        Assert.Equal("mem:16777216", Assert.Single(subsystem.Namespaces).Device);
        Assert.Empty(reading.Configuration.Ports);
        Assert.Equal(
            [
                "line 2: the part \"iobuf\" is not taken over: it configures SPDK's own process.",
                "line 4: the call bdev_set_options is not taken over.",
                "line 5: the parameter md_size of construct_malloc_bdev for M0 is not taken over.",
                "line 7: the call nvmf_set_crdt is not taken over.",
                "line 8: the parameter max_namespaces of nvmf_subsystem_create for nqn.2026-11.com.example:a is not taken over.",
                "line 10: the parameter namespace.ptpl_file of nvmf_subsystem_add_ns for nqn.2026-11.com.example:a is not taken over.",
                "line 11: the call nvmf_subsystem_add_ns is left out: the file creates no subsystem nqn.2026-11.com.example:gone before "
                    + "it.",
                "line 12: the call nvmf_subsystem_add_host is left out: the file creates no subsystem nqn.2026-11.com.example:gone before "
                    + "it.",
                "line 13: the call nvmf_ns_add_host is left out: nqn.2026-11.com.example:a has no namespace 9.",
                "line 14: the call nvmf_subsystem_add_listener is left out: the file creates no subsystem nqn.2026-11.com.example:gone "
                    + "before it.",
            ],
            reading.Problems.Select(problem => $"line {problem.Line}: {problem.Message}"));
    }

    [Fact]
    public void A_wrong_value_costs_its_object_and_not_the_import()
    {
        ConfigurationReading reading = SpdkImporter.Parse(
            """
            { "subsystems": [
              { "subsystem": "bdev", "config": [
                { "method": "bdev_null_create", "params": { "name": "N0", "num_blocks": 32768, "block_size": 512 } } ] },
              { "subsystem": "nvmf", "config": [
                { "method": "nvmf_create_subsystem", "params": { "nqn": "nqn.2026-11.com.example:a", "allow_any_host": true } },
                { "method": "nvmf_subsystem_add_ns", "params": { "nqn": "nqn.2026-11.com.example:a",
                  "namespace": { "nsid": 1, "bdev_name": "N0", "anagrpid": 129 } } },
                { "method": "nvmf_subsystem_add_ns", "params": { "nqn": "nqn.2026-11.com.example:a",
                  "namespace": { "nsid": 2, "bdev_name": "N0", "nguid": "12" } } },
                { "method": "nvmf_create_subsystem", "params": { "nqn": "nqn.2026-11.com.example:b", "min_cntlid": 0 } },
                {"method":"nvmf_subsystem_add_listener","params":{"nqn":"nqn.2026-11.com.example:a","listen_address":{"trtype":"TCP",
                  "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "4420" } } },
                {"method":"nvmf_subsystem_add_listener","params":{"nqn":"nqn.2026-11.com.example:b","listen_address":{"trtype":"TCP",
                  "adrfam": "IPv4", "traddr": "127.0.0.1", "trsvcid": "4420" } } } ] } ] }
            """u8);

        Assert.True(reading.IsSound, string.Join('\n', reading.Problems));
        NamespaceConfiguration kept = Assert.Single(Assert.Single(reading.Configuration!.Subsystems).Namespaces);
        Assert.Equal((1u, 1u), (kept.Id, kept.AnaGroup));
        Assert.Single(Assert.Single(reading.Configuration.Ports).Subsystems);
        Assert.Equal(
            [
                "line 6: the ANA group 129 of namespace 1 of nqn.2026-11.com.example:a is above 128; the namespace is put into group 1.",
                "line 8: namespace 2 of subsystem nqn.2026-11.com.example:a: device.nguid: it is \"12\", expected 32 hexadecimal digits, "
                    + "with or without dashes.",
                "line 10: subsystem nqn.2026-11.com.example:b: attr.cntlid_min: it is \"0\", expected a number from 1 to 65519.",
            ],
            reading.Problems.Select(problem => $"line {problem.Line}: {problem.Message}"));
        Assert.Equal("It is left out.", reading.Problems[1].Suggestion);
    }

    [Fact]
    public void A_port_of_the_kernels_tree_without_an_address_is_left_out_and_one_of_another_transport_kept()
    {
        using var folder = new TemporaryFolder();
        Tree(folder.Path, new()
        {
            ["subsystems/nqn.2026-11.com.example:a/attr_allow_any_host"] = "1",
            ["ports/1/addr_trtype"] = "loop",
            ["ports/1/addr_traddr"] = "",
            ["ports/2/addr_trtype"] = "",
            ["ports/2/addr_traddr"] = "",
            ["ports/3/addr_trtype"] = "tcp",
            ["ports/3/addr_traddr"] = "",
            ["ports/3/addr_trsvcid"] = "",
        });

        ConfigurationReading reading = ConfigfsImporter.Read(folder.Path);

        Assert.True(reading.IsSound, string.Join('\n', reading.Problems));
        Assert.DoesNotContain(reading.Configuration!.Ports, port => port.Id is 2 or 3);
        Assert.Equal(
            ["port 2 has no address; it is left out.", "port 3 has no address; it is left out."],
            reading.Problems.Select(problem => problem.Message).Where(message => message.Contains("no address", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_folder_that_is_no_such_tree_is_named()
    {
        using var folder = new TemporaryFolder();

        ConfigurationException thrown = Assert.Throws<ConfigurationException>(() => ConfigfsImporter.Read(folder.Path));

        Assert.StartsWith($"{folder.Path} has no folder \"subsystems\"", thrown.Message, StringComparison.Ordinal);
    }

    private static void Tree(string folder, Dictionary<string, string> files)
    {
        foreach ((string name, string text) in files)
        {
            string path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text + "\n", Encoding.ASCII);
        }
    }

    private static void Link(string folder, string name, string target)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Directory.CreateSymbolicLink(path, Path.Combine(folder, target));
    }
}
