using ManagedNvmet.EndToEnd.Harness;

namespace ManagedNvmet.EndToEnd;

/// <summary>nvme-stas, services that keep a host connected to all subsystems that its discovery controllers report.</summary>
public abstract class StasTests(StockHost host) : EndToEndTest(host)
{
    [Fact]
    public async Task Nvme_stas_connects_everything_that_is_offered_and_follows_every_change()
    {
        var target = await ServeAsync(port => LiveConfiguration.Of(port, "mem:16M"));
        var another = target.Nqn + ".another";
        await target.ManageAsync("subsystem", "set", target.Nqn, "allow_any_host=1");
        AllowReconnectInKernelLog();
        AllowInKernelLog("Removing ctrl", "Connect .*(Invalid|DNR)", "Removing controller", "Buffer I/O error|I/O error");

        try
        {
            // Starts two Python programs first, which takes a minute on an emulated host, so that the time to connect does not include it.
            await RunAsync($"""
                . $SHARE/guest/stas
                start_stas {StockHost.SharedAddress} {target.Port}
                wait_until 240 grep -q 'Received discovery log pages' /tmp/stafd.log
                """, 300);
            await RunAsync($"wait_until 60 has_namespaces {target.Nqn} 1", 90);

            await target.ManageAsync("subsystem", "add", another, "--allow-any-host");
            await target.ManageAsync("namespace", "add", another, "mem:8M");
            await RunAsync($"wait_until 30 has_namespaces {another} 1; verify $(namespaces {another}) --size=1m");

            await target.ManageAsync("subsystem", "remove", another);
            await RunAsync($"""
                wait_until 30 has_controllers {another} 0
                has_live {target.Nqn} 1
                verify $(namespaces {target.Nqn}) --size=1m
                """);
        }
        finally
        {
            var end = await Host.RunAsync(". $SHARE/guest/stas; stop_stas; cat /tmp/stafd.log /tmp/stacd.log");
            TestContext.Current.TestOutputHelper?.WriteLine(end.Output);
        }
    }
}

[Collection(typeof(Linux612Collection)), Trait("kernel", "6.12")]
public sealed class Nvme_stas_on_Linux_6_12(Linux612 host) : StasTests(host);
