using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target;
using ManagedNvmet.Target.LogPages;
using ManagedNvmet.Transport.Tcp;

namespace ManagedNvmet.Status;

/// <summary>What can be seen of a server, and done to its sessions, from outside its shards.</summary>
/// <remarks>Thread-safe; one for a server is enough, and sessions keep their number only within one view.</remarks>
public sealed class TargetView : ITargetView, ITargetControl
{
    private const int GuidBytes = 16;

    private readonly NvmetServer server;
    private readonly TimeProvider time;
    private readonly DateTimeOffset startedAt;
    private readonly ConditionalWeakTable<Controller, StrongBox<long>> numbers = [];
    private long lastNumber;

    /// <param name="server">What is looked at; it need not have been started.</param>
    /// <param name="time">For the time since the start.</param>
    public TargetView(NvmetServer server, TimeProvider? time = null)
    {
        this.server = server;
        this.time = time ?? TimeProvider.System;
        startedAt = this.time.GetUtcNow();
    }

    /// <summary>Version of the software.</summary>
    public static string Version { get; } =
        typeof(TargetView).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <inheritdoc/>
    public ServerStatus GetServer() => new()
    {
        Version = Version,
        StartedAt = startedAt,
        UptimeSeconds = Math.Round((time.GetUtcNow() - startedAt).TotalSeconds, 3),
        State = server.IsStopping ? ServerState.Stopping : server.IsListening ? ServerState.Running : ServerState.Starting,
        ProcessId = Environment.ProcessId,
        StateFolder = server.StateFolder,
        DiskEngine = server.UsesUring ? "io_uring" : "worker threads",
        Connections = server.ConnectionCount,
        Shards = [.. server.Shards.Select(StatusOf)],
    };

    /// <inheritdoc/>
    public IReadOnlyList<PortStatus> GetPorts()
    {
        if (server.Target is not { } target)
            return [];
        List<Controller> controllers = AllControllers(target);
        var ports = new List<PortStatus>();
        foreach (Port port in target.Ports)
        {
            ports.Add(new PortStatus
            {
                Id = port.Id,
                Address = new IPEndPoint(port.Address, port.TcpPort).ToString(),
                Family = port.Address.AddressFamily == AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4",
                IsListening = server.IsListening,
                Sessions = controllers.Count(controller => CameBy(controller, port)),
            });
        }
        return ports;
    }

    /// <inheritdoc/>
    public IReadOnlyList<SubsystemStatus> GetSubsystems()
    {
        if (server.Target is not { } target)
            return [];
        var subsystems = new List<SubsystemStatus>();
        foreach (Subsystem subsystem in target.Subsystems)
        {
            subsystems.Add(new SubsystemStatus
            {
                Nqn = subsystem.Nqn.Text,
                SerialNumber = subsystem.SerialNumber,
                ModelNumber = subsystem.ModelNumber,
                FirmwareRevision = subsystem.FirmwareRevision,
                AllowsAnyHost = server.AllowedHosts.Count == 0,
                AllowedHosts = [.. server.AllowedHosts.Select(host => host.Text)],
                Namespaces = subsystem.Namespaces.Length,
                Sessions = subsystem.Controllers.Count,
            });
        }
        subsystems.Sort((left, right) => string.CompareOrdinal(left.Nqn, right.Nqn));
        return subsystems;
    }

    /// <inheritdoc/>
    public IReadOnlyList<NamespaceStatus> GetNamespaces()
    {
        if (server.Target is not { } target)
            return [];
        Dictionary<BlockDevice, ServedNamespace> served = server.Namespaces.ToDictionary(each => each.Namespace.Device);
        var namespaces = new List<NamespaceStatus>();
        foreach (Subsystem subsystem in target.Subsystems)
        {
            foreach (Namespace each in subsystem.Namespaces)
                namespaces.Add(StatusOf(subsystem, each, served.GetValueOrDefault(each.Device)));
        }
        namespaces.Sort((left, right) => string.CompareOrdinal(left.SubsystemNqn, right.SubsystemNqn) is var order and not 0
            ? order
            : left.Id.CompareTo(right.Id));
        return namespaces;
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostStatus> GetHosts()
    {
        IReadOnlyList<SubsystemStatus> subsystems = GetSubsystems();
        ILookup<string, SessionStatus> sessions = GetSessions().ToLookup(session => session.HostNqn, StringComparer.Ordinal);
        IEnumerable<string> names = subsystems.SelectMany(subsystem => subsystem.AllowedHosts).Concat(sessions.Select(group => group.Key));
        return [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => HostOf(name, [.. sessions[name]], subsystems))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<SessionStatus> GetSessions()
    {
        if (server.Target is not { } target)
            return [];
        List<SessionStatus> sessions = AllControllers(target).ConvertAll(StatusOf);
        sessions.Sort((left, right) => left.Number.CompareTo(right.Number));
        return sessions;
    }

    /// <inheritdoc/>
    public IReadOnlyList<IoStatistics> GetStatistics()
    {
        if (server.Target is not { } target)
            return [];
        var rows = new List<IoStatistics>();
        foreach (Subsystem subsystem in target.Subsystems)
        {
            foreach (Namespace each in subsystem.Namespaces)
            {
                HealthTotals totals = subsystem.Health.Read(each.Id);
                rows.Add(new IoStatistics
                {
                    SubsystemNqn = subsystem.Nqn.Text,
                    NamespaceId = each.Id,
                    Operation = IoOperation.Read,
                    Commands = totals.ReadCommands,
                    Bytes = totals.ReadBytes,
                });
                rows.Add(new IoStatistics
                {
                    SubsystemNqn = subsystem.Nqn.Text,
                    NamespaceId = each.Id,
                    Operation = IoOperation.Write,
                    Commands = totals.WriteCommands,
                    Bytes = totals.WrittenBytes,
                });
            }
        }
        return rows;
    }

    /// <inheritdoc/>
    public RefusalReport GetRefusals(int most) => new(0, new Dictionary<string, long>(), []);

    /// <inheritdoc/>
    public TransportCounters GetTransport() =>
        new(server.Shards.Sum(context => context.ReceiveCount), server.Shards.Sum(context => context.SendCount));

    /// <inheritdoc/>
    public bool EndSession(long number)
    {
        if (server.Target is not { } target)
            return false;
        if (AllControllers(target).Find(controller => NumberOf(controller) == number) is not { } found)
            return false;
        found.EndAssociation(CloseReason.AssociationEnded);
        return true;
    }

    private static List<Controller> AllControllers(NvmeTarget target)
    {
        List<Controller> controllers = [.. target.Discovery.Controllers];
        foreach (Subsystem subsystem in target.Subsystems)
            controllers.AddRange(subsystem.Controllers);
        return controllers;
    }

    private static bool CameBy(Controller controller, Port port)
    {
        if (controller.LocalEndPoint is not { } local || local.Port != port.TcpPort)
            return false;
        bool isWildcard = port.Address.Equals(IPAddress.Any) || port.Address.Equals(IPAddress.IPv6Any);
        return isWildcard ? local.AddressFamily == port.Address.AddressFamily : local.Address.Equals(port.Address);
    }

    private static HostStatus HostOf(string name, List<SessionStatus> sessions, IReadOnlyList<SubsystemStatus> subsystems)
    {
        string[] addresses = [.. sessions.Select(session => AddressOf(session.RemoteAddress)).Distinct(StringComparer.Ordinal)];
        return new HostStatus
        {
            Nqn = name,
            Sessions = sessions.Count,
            IoQueues = sessions.Sum(session => session.IoQueues),
            Addresses = addresses,
            ConnectedTo = [.. sessions.Select(session => session.SubsystemNqn).Distinct(StringComparer.Ordinal)],
            AllowedOn = [.. subsystems.Where(each => each.AllowedHosts.Contains(name)).Select(each => each.Nqn)],

            // Several addresses alone are what multipath looks like.
            IsSuspectedDuplicate = sessions.Select(session => session.HostId).Distinct().Count() > 1,
        };
    }

    private static string AddressOf(string endPoint) =>
        IPEndPoint.TryParse(endPoint, out IPEndPoint? parsed) ? parsed.Address.ToString() : endPoint;

    private static NamespaceStatus StatusOf(Subsystem subsystem, Namespace each, ServedNamespace? served)
    {
        HealthTotals totals = subsystem.Health.Read(each.Id);
        return new NamespaceStatus
        {
            SubsystemNqn = subsystem.Nqn.Text,
            Id = each.Id,
            Device = served?.Name ?? each.Device.GetType().Name,
            Medium = served?.Medium,
            SizeBytes = each.Properties.SizeBytes,
            BlockSize = each.Properties.BlockSize,
            IsReadOnly = each.Properties.IsReadOnly,
            Uuid = each.Identity.Uuid,
            Nguid = each.Identity.Nguid.ToString("x32", CultureInfo.InvariantCulture),
            Eui64 = each.Identity.Eui64.ToString("x16", CultureInfo.InvariantCulture),
            ReadBytes = totals.ReadBytes,
            WrittenBytes = totals.WrittenBytes,
            Reads = totals.ReadCommands,
            Writes = totals.WriteCommands,
            MediaErrors = totals.MediaErrors,
        };
    }

    private static ShardStatus StatusOf(ShardContext context) => new(
        context.Shard.Index,
        context.Shard.Buffers.RentedBytes + context.Shard.AdminBuffers.RentedBytes,
        (long)context.Shard.Buffers.TotalBytes + context.Shard.AdminBuffers.TotalBytes,
        context.Shard.RoundCount,
        context.Shard.SleepCount,
        context.IsShortOfBuffers);

    private SessionStatus StatusOf(Controller controller) => new()
    {
        Number = NumberOf(controller),
        ControllerId = controller.Id,
        SubsystemNqn = controller.Subsystem.Nqn.Text,
        IsDiscovery = controller.IsDiscovery,
        HostNqn = controller.HostNqn.Text,
        HostId = controller.HostId.Length == GuidBytes ? new Guid(controller.HostId, bigEndian: true) : Guid.Empty,
        RemoteAddress = controller.RemoteEndPoint?.ToString() ?? "this process",
        LocalAddress = controller.LocalEndPoint?.ToString() ?? "this process",
        State = controller.State.ToString(),
        IoQueues = controller.IoQueueCount,
        KeepAliveMilliseconds = controller.KeepAliveMilliseconds,
    };

    private long NumberOf(Controller controller) =>
        numbers.GetValue(controller, _ => new StrongBox<long>(Interlocked.Increment(ref lastNumber))).Value;
}
