using System.Text.Json;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>A configuration file to begin with; the tests change it while it is served.</summary>
internal static class LiveConfiguration
{
    /// <summary>A host, with its identifier, that the guest can be.</summary>
    public const string HostA = "nqn.2014-08.org.nvmexpress:uuid:aaaaaaaa-0000-4000-8000-000000000001";

    /// <summary>Another host that the guest can be.</summary>
    public const string HostB = "nqn.2014-08.org.nvmexpress:uuid:bbbbbbbb-0000-4000-8000-000000000002";

    /// <summary>The options of nvme-cli that make the guest this host.</summary>
    public static string As(string host) => $"--hostnqn={host} --hostid={host[^36..]}";

    /// <summary>One subsystem with the target's own name on one port, for <see cref="HostA"/> and <see cref="HostB"/> alone.</summary>
    /// <param name="port">The TCP port.</param>
    /// <param name="devices">Paths or sizes, for the namespaces 1, 2 and so on.</param>
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
