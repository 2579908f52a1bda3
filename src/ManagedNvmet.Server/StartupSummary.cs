using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Reflection;

namespace ManagedNvmet.Server;

/// <summary>What the server prints when it is ready: what is served, to whom, and the commands to type on the host.</summary>
internal static class StartupSummary
{
    public static void Write(TextWriter output, NvmetServer server)
    {
        string version = typeof(StartupSummary).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            .Split('+')[0] ?? "";
        output.WriteLine($"ManagedNvmet {version} serves {server.Subsystem.Nqn} (serial number {server.Subsystem.SerialNumber})");
        foreach (ServedNamespace served in server.Namespaces)
        {
            BlockDeviceProperties properties = served.Namespace.Properties;
            output.WriteLine(
                $"  namespace {served.Namespace.Id}  {served.Name}  {Size(properties.SizeBytes)}, {properties.BlockSize}-byte blocks"
                + (properties.IsReadOnly ? ", read-only" : ""));
            output.WriteLine($"               uuid {served.Namespace.Identity.Uuid}");
        }
        output.WriteLine($"  listening    {string.Join(", ", server.EndPoints)}");
        output.WriteLine($"  hosts        {Hosts(server)}");
        output.WriteLine($"  state        {server.StateFolder}");
        output.WriteLine(
            $"  memory       {server.ShardCount} {(server.ShardCount == 1 ? "shard" : "shards")} × {Size((ulong)server.BufferBytesOfShard)} "
            + "for data in flight, claimed as the load needs it");
        output.WriteLine("On the host (as root, with the package nvme-cli and the module nvme-tcp):");
        foreach (IPEndPoint endPoint in Reachable(server.EndPoints))
        {
            string address = $"-t tcp -a {endPoint.Address} -s {endPoint.Port}";
            output.WriteLine($"  nvme discover {address}");
            output.WriteLine($"  nvme connect  {address} -n {server.Subsystem.Nqn}");
        }
        output.Flush();
    }

    private static string Hosts(NvmetServer server)
    {
        if (server.AllowedHosts.Count > 0)
            return string.Join(", ", server.AllowedHosts);
        bool isLocal = server.EndPoints.All(endPoint => IPAddress.IsLoopback(endPoint.Address));
        return isLocal
            ? "any host on this machine (choose with --allow-host NQN)"
            : "ANY host that reaches this port may read and write (choose with --allow-host NQN)";
    }

    private static IEnumerable<IPEndPoint> Reachable(IReadOnlyList<IPEndPoint> endPoints)
    {
        foreach (IPEndPoint endPoint in endPoints)
        {
            if (!endPoint.Address.Equals(IPAddress.Any) && !endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                yield return endPoint;
                continue;
            }
            List<IPAddress> addresses = [.. OwnAddresses(endPoint.AddressFamily)];
            if (addresses.Count == 0)
                addresses.Add(endPoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback);
            foreach (IPAddress address in addresses)
                yield return new IPEndPoint(address, endPoint.Port);
        }
    }

    private static IEnumerable<IPAddress> OwnAddresses(AddressFamily family) =>
        from network in NetworkInterface.GetAllNetworkInterfaces()
        where network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback
        from unicast in network.GetIPProperties().UnicastAddresses
        where unicast.Address.AddressFamily == family && !unicast.Address.IsIPv6LinkLocal
        select unicast.Address;

    private static string Size(ulong bytes)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return FormattableString.Invariant($"{value:0.##} {units[unit]}");
    }
}
