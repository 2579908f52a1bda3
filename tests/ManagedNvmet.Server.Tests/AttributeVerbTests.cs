using System.Text.Json;
using System.Text.Json.Nodes;

namespace ManagedNvmet.Server.Tests;

/// <summary>The verbs that set attributes by name, and those that export and apply whole configurations.</summary>
public sealed class AttributeVerbTests : ServerTest
{
    [Fact]
    public async Task A_limit_that_is_set_by_the_name_of_the_documents_is_in_force()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");
        string nqn = server.SubsystemNqn;

        await RunAsync("namespace", "set", nqn, "1", "qos.total_iops=50");
        await RunAsync("namespace", "add", nqn, "mem:1M", "qos.total_iops=60");
        await RunAsync("subsystem", "set", nqn, "qos.read_bytes=1M", "ieee_oui=0x001234");
        await RunAsync("port", "set", "1", "mdts=5");
        await RunAsync("host", "add", "nqn.2026-11.com.example:h", "hash=hmac(sha256)", "qos.total_iops=70");
        await RunAsync("namespace", "set", nqn, "1", "p2pmem=1");

        JsonNode document = JsonNode.Parse(await RunAsync("export"))!;
        JsonNode subsystem = document["subsystems"]![0]!;
        Assert.Equal([50, 60], subsystem["namespaces"]!.AsArray().Select(each => (int)each!["managed_nvmet"]!["qos"]!["total_iops"]!));
        Assert.Equal(1_048_576, (int)subsystem["managed_nvmet"]!["qos"]!["read_bytes"]!);
        Assert.Equal("0x001234", (string?)subsystem["attr"]!["ieee_oui"]);
        Assert.Equal("5", document["ports"]![0]!["param"]!["mdts"]!.ToString());
        Assert.Equal("hmac(sha256)", (string?)document["hosts"]![0]!["dhchap"]!["hash"]);
        Assert.Equal(70, (int)document["hosts"]![0]!["managed_nvmet"]!["qos"]!["total_iops"]!);
    }

    [Fact]
    public async Task A_misspelt_attribute_is_refused_and_changes_nothing()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");
        string nqn = server.SubsystemNqn;
        string before = await RunAsync("export");

        string misspelt = await FailAsync(2, "subsystem", "set", nqn, "attr.modle=x");
        string inner = await FailAsync(2, "namespace", "set", nqn, "1", "qos.total_iop=50");
        string elsewhere = await FailAsync(2, "namespace", "add", nqn, "mem:1M", "serial=1");

        Assert.Contains(
            "There is no attribute \"attr.modle\" of a subsystem. Did you mean attr.model?", misspelt, StringComparison.Ordinal);
        Assert.Contains("There is no attribute \"qos.total_iop\" of a namespace.", inner, StringComparison.Ordinal);
        Assert.Contains("There is no attribute \"serial\" of a namespace.", elsewhere, StringComparison.Ordinal);
        Assert.Equal(before, await RunAsync("export"));
    }

    [Fact]
    public async Task A_note_and_an_attribute_of_another_program_that_is_there_can_be_set_and_left_out()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");
        string nqn = server.SubsystemNqn;
        JsonNode document = JsonNode.Parse(await RunAsync("export"))!;
        document["subsystems"]![0]!["attr"]!["later"] = "7";
        string file = Path.Combine(Folder, "with-later.json");
        await System.IO.File.WriteAllTextAsync(file, document.ToJsonString());
        await RunAsync("apply", file);

        await RunAsync("subsystem", "set", nqn, "attr.later=", "_owner=ann");

        JsonNode subsystem = JsonNode.Parse(await RunAsync("export"))!["subsystems"]![0]!;
        Assert.Null(subsystem["attr"]?["later"]);
        Assert.Equal("ann", (string?)subsystem["_owner"]);
    }

    [Fact]
    public async Task An_export_has_the_identities_and_applying_it_again_touches_no_host()
    {
        await StartAsync("--namespace", "mem:1M");
        string file = Path.Combine(Folder, "exported.json");

        await RunAsync("export", file);
        string plan = await RunAsync("plan", file);

        using JsonDocument document = JsonDocument.Parse(await System.IO.File.ReadAllTextAsync(file));
        JsonElement subsystem = document.RootElement.GetProperty("subsystems")[0];
        JsonElement device = subsystem.GetProperty("namespaces")[0].GetProperty("device");
        Assert.NotEmpty(subsystem.GetProperty("attr").GetProperty("serial").GetString()!);
        Assert.True(Guid.TryParse(device.GetProperty("uuid").GetString(), out _));
        Assert.NotEmpty(device.GetProperty("nguid").GetString()!);
        Assert.Contains("device.uuid: none → ", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("goes and comes again", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("made anew", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_removes_everything_is_applied_only_with_yes()
    {
        ServerProcess server = await StartAsync("--namespace", "mem:1M");
        string empty = Path.Combine(Folder, "empty.json");
        await System.IO.File.WriteAllTextAsync(empty, "{}");

        string plan = await RunAsync("plan", empty);
        string asked = await FailAsync(1, "apply", empty);
        string still = await RunAsync("export");
        string applied = await RunAsync("apply", empty, "--yes");

        Assert.Contains("Everything goes: no host can use a disk of this server after the change.", plan, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed. Add --yes to apply it.", asked, StringComparison.Ordinal);
        Assert.Contains(server.SubsystemNqn, still, StringComparison.Ordinal);
        Assert.Contains("Applied", applied, StringComparison.Ordinal);
    }
}
