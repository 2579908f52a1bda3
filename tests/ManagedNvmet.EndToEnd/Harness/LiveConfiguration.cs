using System.Text.Json;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>The initial configuration file of tests that change the configuration of a running server.</summary>
internal static class LiveConfiguration
{
    /// <summary>Host NQN with which the guest can connect. It contains the host identifier.</summary>
    public const string HostA = "nqn.2014-08.org.nvmexpress:uuid:aaaaaaaa-0000-4000-8000-000000000001";

    /// <summary>Another host NQN with which the guest can connect.</summary>
    public const string HostB = "nqn.2014-08.org.nvmexpress:uuid:bbbbbbbb-0000-4000-8000-000000000002";

    /// <summary>Returns the options of nvme-cli with which the guest connects as this host.</summary>
    public static string As(string host) => $"--hostnqn={host} --hostid={host[^36..]}";

    /// <summary>Returns a configuration with one port and one subsystem, which only <see cref="HostA"/> and <see cref="HostB"/> may
    /// use.</summary>
    /// <param name="port">TCP port.</param>
    /// <param name="devices">Paths or sizes of namespaces 1, 2 and so on.</param>
    public static string Of(int port, params string[] devices)
    {
        var nqn = $"nqn.2014-08.org.example:end-to-end.{port}";
        return JsonSerializer.Serialize(new
        {
            hosts = new[] { new { nqn = HostA }, new { nqn = HostB } },
            ports = new[]
            {
                new
                {
                    portid = 1,
                    addr = new { trtype = "tcp", adrfam = "ipv4", traddr = StockHost.SharedAddress, trsvcid = $"{port}" },
                    subsystems = new[] { nqn },
                },
            },
            subsystems = new[]
            {
                new
                {
                    nqn,
                    allowed_hosts = new[] { HostA, HostB },
                    namespaces = devices.Select((path, index) => new { nsid = index + 1, enable = 1, device = new { path } }),
                },
            },
        });
    }
}
