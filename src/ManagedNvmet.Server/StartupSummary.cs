using System.Net;
using System.Reflection;
using ManagedNvmet.Configuration;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Server;

/// <summary>What the server prints when it is ready: what is served, to whom, and the commands to type on the host.</summary>
internal static class StartupSummary
{
    // More than these are counted.
    private const int MaxSubsystemsInFull = 8;
    private const int MaxWaiting = 20;
    private const int MaxHosts = 50;

    public static void Write(TextWriter output, NvmetServer server)
    {
        try
        {
            // In one piece, so that no line of the log comes in between.
            output.Write(string.Join('\n', Lines(server)) + "\n");
            output.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Standard output is closed, or its disk is full. That is no reason not to serve.
        }
    }

    private static IEnumerable<string> Lines(NvmetServer server)
    {
        string version = typeof(StartupSummary).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            .Split('+')[0] ?? "";
        yield return $"ManagedNvmet {version} is ready";
        yield return "";
        foreach (string line in server.Subsystems.Count <= MaxSubsystemsInFull ? Disks(server) : Counts(server))
            yield return line;
        foreach (NamespaceStatus waiting in server.NamespaceStates.Where(each => each.IsWaiting).Take(MaxWaiting))
            yield return $"  not ready   namespace {waiting.Id} of {waiting.Subsystem}: {waiting.Reason}";
        yield return $"  listening   {string.Join(", ", server.EndPoints.Select(NvmeCli.Text).DefaultIfEmpty("nowhere yet"))}";
        if (server.EndPoints.Any(endPoint => HostAddresses.IsWildcard(endPoint.Address)))
        {
            IEnumerable<IPAddress> addresses = HostAddresses.OfThisMachine().Where(each => !IPAddress.IsLoopback(each));
            yield return $"  addresses   {string.Join(", ", addresses.DefaultIfEmpty(IPAddress.Loopback))}";
        }
        foreach (PortStatus port in server.PortStates.Where(port => port.EndPoint is null).Take(MaxWaiting))
            yield return $"  not ready   port {port.Id}: {port.Reason}";
        foreach (string line in Hosts(server))
            yield return line;
        if (server.ConfigurationPath is { } file)
            yield return $"  file        {file}";
        yield return $"  identities  {server.StateFolder}";
        yield return $"  resources   {server.ShardCount} {(server.ShardCount == 1 ? "shard" : "shards")}, "
            + $"{(server.UsesUring ? "io_uring" : "worker threads")}, "
            + $"at most {Size((ulong)(server.ShardCount * server.BufferBytesOfShard))} for data in flight";
        yield return "";
        foreach (string line in Commands(server))
            yield return line;
        yield return "";
    }

    // One pair of lines for the ports that export the same: the other addresses are listed above.
    private static IEnumerable<string> Commands(NvmetServer server)
    {
        Dictionary<ushort, PortConfiguration> configured = server.Configuration.Ports.ToDictionary(port => port.Id);
        (Subsystem[] Exported, IPEndPoint[] EndPoints)[] groups =
        [
            .. server.PortStates.Where(port => port.EndPoint is not null)
                .Select(port => (port.EndPoint, Exported: Exported(server, configured.GetValueOrDefault(port.Id))))
                .GroupBy(port => string.Join(' ', port.Exported.Select(subsystem => subsystem.Nqn)))
                .OrderBy(group => group.Key.Length > 0)
                .Select(group => (group.First().Exported, HostAddresses.Reachable(group.Select(port => port.EndPoint!)))),
        ];
        bool isLocal = groups.All(group => group.EndPoints.All(endPoint => IPAddress.IsLoopback(endPoint.Address)));
        yield return isLocal ? "On this machine, as root, with nvme-cli:" : "On the host, as root, with nvme-cli:";
        yield return "";
        yield return "  modprobe nvme-tcp";
        foreach ((Subsystem[] exported, IPEndPoint[] endPoints) in groups)
        {
            // A link-local address needs the name of the host's own interface, which is unknown here.
            string address = NvmeCli.Address(endPoints[0], "INTERFACE");
            if (endPoints[0].Address.IsIPv6LinkLocal)
                yield return "  # INTERFACE: the host's network interface in this network, such as eth0";
            yield return $"  nvme discover {address}";
            foreach (Subsystem subsystem in exported.Take(MaxSubsystemsInFull))
                yield return $"  nvme connect  {address} -n {ShellWord.Of(subsystem.Nqn.Text)}";
        }
    }

    private static Subsystem[] Exported(NvmetServer server, PortConfiguration? port) =>
        [.. server.Subsystems.Where(subsystem => port is null || port.Subsystems.Contains(subsystem.Nqn))];

    private static IEnumerable<string> Disks(NvmetServer server)
    {
        ILookup<Nqn, NamespaceStatus> namespaces = server.NamespaceStates.ToLookup(each => each.Subsystem);
        foreach (Subsystem subsystem in server.Subsystems)
        {
            yield return $"  subsystem   {subsystem.Nqn}";
            yield return $"              serial number {subsystem.SerialNumber}";
            foreach (ServedNamespace served in namespaces[subsystem.Nqn].Select(each => each.Served).OfType<ServedNamespace>())
            {
                BlockDeviceProperties properties = served.Namespace.Properties;
                yield return $"  {"disk " + served.Namespace.Id,-11} {served.Name}";
                yield return $"              {Size(properties.SizeBytes)}, {properties.BlockSize}-byte blocks, {served.Medium}"
                    + (properties.IsReadOnly ? ", READ-ONLY" : "");
                yield return $"              uuid {served.Namespace.Identity.Uuid}";
            }
        }
    }

    private static IEnumerable<string> Counts(NvmetServer server)
    {
        yield return $"  subsystems  {server.Subsystems.Count} with {server.Namespaces.Count} disks, "
            + $"{server.NamespaceStates.Count(each => each.IsWaiting)} not ready";
    }

    private static IEnumerable<string> Hosts(NvmetServer server)
    {
        SubsystemConfiguration[] open = [.. server.Configuration.Subsystems.Where(subsystem => subsystem.AllowAnyHost)];
        if (open.Length == 0)
        {
            string label = "hosts";
            foreach (Nqn host in server.Configuration.Subsystems.SelectMany(subsystem => subsystem.AllowedHosts).Distinct().Take(MaxHosts))
            {
                yield return $"  {label,-11} {host}";
                label = "";
            }
            if (label.Length != 0)
            {
                yield return server.ConfigurationPath is null
                    ? "  hosts       NONE may connect yet: name those that may with --allow-host NQN, or let any in with --allow-any-host"
                    : "  hosts       none may connect";
            }
            yield break;
        }
        string rights = server.Namespaces.All(served => served.Namespace.Properties.IsReadOnly) ? "read" : "read and write";
        bool isLocal = server.EndPoints.All(endPoint => IPAddress.IsLoopback(endPoint.Address));
        if (server.Configuration.Subsystems.Count > 1 || server.ConfigurationPath is not null)
        {
            yield return $"  hosts       ANY that reaches {open.Length} of {server.Configuration.Subsystems.Count} subsystems may {rights} "
                + "(allow_any_host is 1)";
            yield break;
        }
        yield return isLocal
            ? $"  hosts       any on this machine may {rights} (--allow-host NQN names those that may)"
            : $"  hosts       ANY that reaches this address may {rights} (--allow-any-host)";
    }

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
