using System.Text;
using System.Text.Json;
using ManagedNvmet.EndToEnd.Harness;

namespace ManagedNvmet.EndToEnd;

/// <summary>The data that an administrator reads with nvme-cli.</summary>
public abstract class AdministrationTests(StockHost host) : EndToEndTest(host)
{
    [Fact]
    public async Task Every_page_that_nvme_cli_reads_is_served()
    {
        var target = await ServeAsync("mem:16M");
        var connection = await ConnectAsync(target);
        var (controller, device) = ($"/dev/{connection.Controller}", connection.Device);
        string[] commands =
        [
            "nvme list", "nvme list --verbose", "nvme list-subsys", $"nvme id-ctrl {controller}", $"nvme id-ctrl -H {controller}",
            $"nvme id-ns {device}", $"nvme id-ns -H {controller} --namespace-id=1", $"nvme ns-descs {device}",
            $"nvme ns-descs {controller} --namespace-id=1", $"nvme list-ns {controller}", $"nvme nvm-id-ctrl {controller}",
            $"nvme smart-log {controller}", $"nvme smart-log {device}", $"nvme effects-log {controller}", $"nvme fw-log {controller}",
            $"nvme error-log {controller}", $"nvme supported-log-pages {controller}",
            $"nvme get-feature {controller} --feature-id=7 -H", $"nvme get-feature {device} --feature-id=7",
            $"nvme get-feature {controller} --feature-id=0xf", $"nvme show-regs {controller}", $"nvme show-regs -H {controller}",
            $"nvme get-property {controller} --offset=0x8", $"nvme ns-rescan {controller}",
        ];

        var refused = new StringBuilder();
        foreach (var command in commands)
        {
            var result = await Host.RunAsync(command);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"$ {command} ({result.ExitCode}, {result.Duration.TotalSeconds:F2} s)\n{result.Output}");
            if (result.ExitCode != 0)
            {
                refused.AppendLine($"{command}: exit code {result.ExitCode}: {result.Output.Trim()}");
            }
        }

        Assert.True(refused.Length == 0, refused.ToString());
        Assert.Equal("live", await RunAsync($"cat /sys/class/nvme/{connection.Controller}/state"));
    }

    // To list all features, nvme-cli requests the identifiers 0 to FFh. It continues after Invalid Field in Command and Invalid Namespace
    // or Format, and stops at any other status. Its exit code belongs to the last identifier only, so the test ignores it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nvme_cli_gets_through_all_the_features_there_could_be(bool onTheController)
    {
        var target = await ServeAsync("mem:16M");
        var connection = await ConnectAsync(target);

        var result = await Host.RunAsync($"nvme get-feature {(onTheController ? $"/dev/{connection.Controller}" : connection.Device)}");

        var statuses = result.Output.Split('\n').Where(line => line.Contains("NVMe status", StringComparison.Ordinal));
        Assert.DoesNotContain(statuses, line => !line.Contains("Invalid Namespace or Format", StringComparison.Ordinal));
        Assert.Contains("(Number of Queues)", result.Output, StringComparison.Ordinal);
        Assert.Contains("(Keep Alive Timer)", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_controller_and_the_namespace_are_described_as_they_were_configured()
    {
        var target = await ServeAsync("mem:48M");
        var connection = await ConnectAsync(target);

        var controller = await JsonAsync($"nvme id-ctrl /dev/{connection.Controller} --output-format=json");
        Assert.Equal(target.Nqn, controller.GetProperty("subnqn").GetString());
        Assert.NotEqual("", controller.GetProperty("sn").GetString()!.Trim());
        Assert.NotEqual("", controller.GetProperty("mn").GetString()!.Trim());
        Assert.NotEqual(0, controller.GetProperty("kas").GetInt32());

        var space = await JsonAsync($"nvme id-ns {connection.Device} --output-format=json");
        var format = space.GetProperty("lbafs")[space.GetProperty("flbas").GetInt32() & 0xF];
        Assert.Equal(48L << 20, space.GetProperty("nsze").GetInt64() << format.GetProperty("ds").GetInt32());
        Assert.Equal($"{48 << 20}", await RunAsync($"blockdev --getsize64 {connection.Device}"));

        var list = await RunAsync($"nvme list-ns /dev/{connection.Controller}");
        Assert.Contains("0x1", list, StringComparison.Ordinal);
        Assert.DoesNotContain("0x2", list, StringComparison.Ordinal);
        Assert.Contains(connection.Device, await RunAsync("nvme list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_command_appears_in_the_error_log()
    {
        var target = await ServeAsync("mem:16M");
        var connection = await ConnectAsync(target);
        AllowInKernelLog("Invalid Field|I/O Cmd|Admin Cmd|Read\\(|Read @|sct 0x0");

        // Reads one block beyond the end, which fails with LBA Out of Range.
        var blocks = await RunAsync($"nvme id-ns {connection.Device} --output-format=json | jq .nsze");
        var read = await Host.RunAsync(
            $"nvme read {connection.Device} --start-block={blocks} --block-count=0 --data-size=4096 > /dev/null");

        Assert.Contains("LBA", read.Failed(), StringComparison.OrdinalIgnoreCase);
        var log = await JsonAsync($"nvme error-log /dev/{connection.Controller} --output-format=json");
        Assert.Contains(log.GetProperty("errors").EnumerateArray(), entry => entry.GetProperty("error_count").GetInt64() > 0);
    }

    private async Task<JsonElement> JsonAsync(string command) => (await Host.RunAsync(command)).Json();
}

[Collection(typeof(Linux61Collection)), Trait("kernel", "6.1")]
public sealed class Administration_from_Linux_6_1(Linux61 host) : AdministrationTests(host);

[Collection(typeof(Linux612Collection)), Trait("kernel", "6.12")]
public sealed class Administration_from_Linux_6_12(Linux612 host) : AdministrationTests(host);

[Collection(typeof(Linux7Collection)), Trait("kernel", "7")]
public sealed class Administration_from_Linux_7(Linux7 host) : AdministrationTests(host);
