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
        Assert.Equal(
            [
                "line 40, $.subsystems[0].config[4].method: \"Nvme0\" is made by bdev_nvme_attach_controller, which there is nothing for here. "
                    + "Serve the block device or file below it.",
                "line 93, $.subsystems[1].config[6].method: namespace 9 of nqn.2016-06.io.spdk:cnode1 is left out: its disk \"Nvme0n1\" is of no "
                    + "kind that is known here. Serve the block device or file below it.",
            ],
            reading.Problems.Select(problem => problem.ToString()));
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
        Link(folder.Path, "subsystems/nqn.2026-11.com.example:a/allowed_hosts/nqn.2026-11.com.example:h", "hosts/nqn.2026-11.com.example:h");
        Link(folder.Path, "ports/1/subsystems/nqn.2026-11.com.example:a", "subsystems/nqn.2026-11.com.example:a");

        ConfigurationReading reading = ConfigfsImporter.Read(folder.Path);

        Assert.True(reading.IsSound, string.Join('\n', reading.Problems));
        TargetConfiguration read = reading.Configuration!;
        SubsystemConfiguration subsystem = Assert.Single(read.Subsystems);
        Assert.Equal("nqn.2026-11.com.example:h", Assert.Single(subsystem.AllowedHosts).Text);
        Assert.Null(Assert.Single(read.Hosts).KeyReference);
        Assert.Equal("\"7\"", subsystem.Unknown.Values["attr/later"]);
        NamespaceConfiguration served = Assert.Single(subsystem.Namespaces);
        Assert.Equal((3u, "/dev/vg0/lv,0", true, true, 2u, null), (served.Id, served.Device, served.IsEnabled, served.IsBuffered, served.AnaGroup, served.Nguid));
        PortConfiguration port = Assert.Single(read.Ports);
        Assert.Equal(("::1", 4420, AnaState.NonOptimized), (port.Address, port.ServiceId, port.AnaGroups[0].State));
        Assert.Equal("192.0.2.9", port.Referrals[0].Address);
        Assert.Equal(subsystem.Nqn, Assert.Single(port.Subsystems));
        Assert.Contains(reading.Problems, problem => problem.Message.Contains("passes a whole controller through", StringComparison.Ordinal));
        Assert.Contains(reading.Problems, problem => problem.Message.Contains("namespace 4 of", StringComparison.Ordinal));
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
