using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using ManagedNvmet.Configuration;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Health;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Refusals;
using ManagedNvmet.Target.Sessions;
using ManagedNvmet.Target.Subsystems;
using ManagedNvmet.Tracing;
using ManagedNvmet.Transport.Tcp;

namespace ManagedNvmet.Reports;

/// <summary>What can be seen of a server, and done to its sessions, from outside its shards.</summary>
/// <remarks>Thread-safe; one for a server is enough, and sessions keep their number only within one view.</remarks>
public sealed class TargetView : ITargetView, ITargetControl
{
    private static readonly long[] Bounds =
        [.. Enumerable.Range(0, LatencyBuckets.Count - 1).Select(index => (long)LatencyBuckets.UpperBoundMicroseconds(index))];

    private readonly NvmetServer _server;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _startedAt;
    private readonly ConditionalWeakTable<Controller, StrongBox<long>> _numbers = [];
    private long _lastNumber;

    /// <param name="server">What is looked at; it need not have been started.</param>
    /// <param name="time">For the time since the start.</param>
    public TargetView(NvmetServer server, TimeProvider? time = null)
    {
        _server = server;
        _time = time ?? TimeProvider.System;
        _startedAt = _time.GetUtcNow();
    }

    /// <summary>Version of the software.</summary>
    public static string Version { get; } =
        typeof(TargetView).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <inheritdoc/>
    public ServerReport GetServer() => new()
    {
        Version = Version,
        StartedAt = _startedAt,
        UptimeSeconds = Math.Round((_time.GetUtcNow() - _startedAt).TotalSeconds, 3),
        State = _server.IsStopping ? ServerState.Stopping : _server.IsListening ? ServerState.Running : ServerState.Starting,
        ProcessId = Environment.ProcessId,
        StateFolder = _server.StateFolder,
        DiskEngine = _server.UsesUring ? "io_uring" : "worker threads",
        Connections = _server.ConnectionCount,
        DuplicateHosts = HasTarget ? _server.Target.DuplicateHosts.TotalCount : 0,
        ConfigurationFault = _server.ConfigurationFault,
        Shards = [.. _server.Shards.Select(ReportOf)],
    };

    /// <inheritdoc/>
    public IReadOnlyList<PortReport> GetPorts()
    {
        ILookup<ushort?, Controller> controllers = AllControllers().ToLookup(controller => controller.GetSession().PortId);
        Dictionary<ushort, PortConfiguration> configured = Configured.Ports.ToDictionary(port => port.Id);
        return
        [
            .. _server.PortStates.OrderBy(port => port.Id).Select(port => new PortReport
            {
                Id = port.Id,
                Address = port.EndPoint?.ToString() ?? port.Address,
                Family = port.EndPoint?.AddressFamily == AddressFamily.InterNetworkV6 || port.Address.Contains(':',
                    StringComparison.Ordinal) ? "ipv6" : "ipv4",
                IsListening = port.EndPoint is not null && _server.IsListening,
                Problem = port.Reason,
                Mdns = _server.AnnouncementOf(port) switch
                {
                    null => null,
                    { IsAnnounced: true } state => $"\"{state.Name}\" by {state.By}",
                    { } state => $"not announced: {state.Reason}",
                },
                Subsystems = configured.TryGetValue(port.Id, out PortConfiguration? wanted) ? [.. wanted.Subsystems.Select(each =>
                    each.Text)] : null,
                Sessions = controllers[port.Id].Count(),
            }),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<SubsystemReport> GetSubsystems()
    {
        Dictionary<Nqn, SubsystemConfiguration> configured = Configured.Subsystems.ToDictionary(each => each.Nqn);
        ILookup<string, NamespaceStatus> namespaces = _server.NamespaceStates.ToLookup(each => each.Subsystem.Text, StringComparer.Ordinal);
        return
        [
            .. _server.Subsystems.OrderBy(each => each.Nqn.Text, StringComparer.Ordinal).Select(each =>
            {
                SubsystemConfiguration? wanted = configured.GetValueOrDefault(each.Nqn);
                return new SubsystemReport
                {
                    Nqn = each.Nqn.Text,
                    SerialNumber = each.SerialNumber,
                    ModelNumber = each.ModelNumber,
                    FirmwareRevision = each.FirmwareRevision,
                    AllowsAnyHost = wanted?.AllowAnyHost ?? false,
                    AllowedHosts = wanted is null ? [] : [.. wanted.AllowedHosts.Select(host => host.Text)],
                    Namespaces = namespaces[each.Nqn.Text].Count(),
                    Sessions = each.Controllers.Count,
                };
            }),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<NamespaceReport> GetNamespaces()
    {
        Dictionary<Nqn, Subsystem> subsystems = _server.Subsystems.ToDictionary(each => each.Nqn);
        return
        [
            .. _server.NamespaceStates.OrderBy(each => each.Subsystem.Text, StringComparer.Ordinal).ThenBy(each => each.Id)
                .Select(each => ReportOf(each, subsystems.GetValueOrDefault(each.Subsystem))),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostReport> GetHosts()
    {
        ILookup<string, SessionReport> sessions = GetSessions().ToLookup(session => session.HostNqn, StringComparer.Ordinal);
        TargetConfiguration configured = Configured;
        ILookup<string, string> allowed = configured.Subsystems
            .SelectMany(each => each.AllowedHosts.Select(host => (Host: host.Text, Subsystem: each.Nqn.Text)))
            .ToLookup(pair => pair.Host, pair => pair.Subsystem, StringComparer.Ordinal);
        IEnumerable<string> names = configured.Hosts.Select(host => host.Nqn.Text)
            .Concat(allowed.Select(group => group.Key)).Concat(sessions.Select(group => group.Key));
        return
        [
            .. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(name => HostOf(name, [.. sessions[name]], [.. allowed[name]])),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<SessionReport> GetSessions() =>
        [.. AllControllers().Select(ReportOf).OrderBy(session => session.Number)];

    /// <inheritdoc/>
    public IReadOnlyList<IoStatistics> GetStatistics()
    {
        if (!HasTarget)
            return [];
        return
        [
            .. _server.Target.Statistics.Read()
                .Select(row => new IoStatistics
                {
                    HostNqn = row.HostNqn is { } host ? Printable(host.Text) : null,
                    SubsystemNqn = row.SubsystemNqn.Text,
                    NamespaceId = row.NamespaceId,
                    Operation = row.Operation,
                    Commands = (ulong)row.Totals.Commands,
                    Failures = (ulong)row.Totals.Errors,
                    Bytes = (ulong)row.Totals.Bytes,
                    LatencyMicroseconds = (ulong)row.Totals.LatencyMicroseconds,
                    LatencyBuckets = [.. row.Totals.Latency.Select(count => (ulong)count)],
                    LatencyBounds = Bounds,
                })
                .OrderBy(row => row.SubsystemNqn, StringComparer.Ordinal).ThenBy(row => row.NamespaceId)
                .ThenBy(row => row.HostNqn, StringComparer.Ordinal).ThenBy(row => row.Operation),
        ];
    }

    /// <inheritdoc/>
    public RefusalReport GetRefusals(int most)
    {
        if (!HasTarget)
            return new RefusalReport(0, new Dictionary<string, long>(), []);
        RefusalLog log = _server.Target.Refusals;
        var byReason = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (RefusalReason reason in Enum.GetValues<RefusalReason>())
        {
            if (log.Count(reason) is var count and > 0)
                byReason.Add(reason.ToString(), count);
        }
        return new RefusalReport(log.TotalCount, byReason, most == 0 ? [] : [.. log.Read().Take(most).Select(ReportOf)]);
    }

    /// <inheritdoc/>
    public TransportCounters GetTransport()
    {
        var pduErrors = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (FatalErrorStatus status in Enum.GetValues<FatalErrorStatus>())
        {
            if (status != FatalErrorStatus.None)
                pduErrors.Add(status.ToString(), HasTarget ? _server.Target.TransportErrors.Count(status) : 0);
        }
        return new TransportCounters(
            _server.Shards.Sum(context => context.ReceiveCount),
            _server.Shards.Sum(context => context.SendCount),
            _server.MovedConnections,
            _server.UnmovedConnections,
            HasTarget ? _server.Target.TransportErrors.DataDigestErrors : 0,
            pduErrors);
    }

    /// <inheritdoc/>
    public bool EndSession(long number)
    {
        Controller? found = AllControllers().Find(controller => NumberOf(controller) == number);
        return found is not null && _server.Target.EndSession(found.Subsystem.Nqn, found.Id);
    }

    /// <inheritdoc/>
    public TraceSession? StartTrace(TraceRequest request) => HasTarget ? _server.Traces.TryStart(request) : null;

    private bool HasTarget => _server.IsListening || _server.IsStopping;

    private TargetConfiguration Configured => HasTarget ? _server.Configuration : TargetConfiguration.Empty;

    private List<Controller> AllControllers()
    {
        if (!HasTarget)
            return [];
        List<Controller> controllers = [.. _server.Target.Discovery.Controllers];
        foreach (Subsystem subsystem in _server.Target.Subsystems)
            controllers.AddRange(subsystem.Controllers);
        return controllers;
    }

    private static HostReport HostOf(string name, List<SessionReport> sessions, IReadOnlyList<string> allowedOn) => new()
    {
        Nqn = name,
        Sessions = sessions.Count,
        IoQueues = sessions.Sum(session => session.IoQueues),
        Addresses = [.. sessions.Select(session => AddressOf(session.RemoteAddress)).Distinct(StringComparer.Ordinal)],
        ConnectedTo = [.. sessions.Select(session => session.SubsystemNqn).Distinct(StringComparer.Ordinal)],
        AllowedOn = allowedOn,

        // Several addresses alone are what multipath looks like.
        IsSuspectedDuplicate = sessions.Select(session => session.HostId).Distinct().Count() > 1,
    };

    private static string AddressOf(string endPoint) =>
        IPEndPoint.TryParse(endPoint, out IPEndPoint? parsed) ? parsed.Address.ToString() : endPoint;

    private static NamespaceReport ReportOf(NamespaceStatus each, Subsystem? subsystem)
    {
        Namespace? served = each.Served?.Namespace;
        HealthTotals totals = subsystem?.Health.Read(each.Id) ?? default;
        return new NamespaceReport
        {
            SubsystemNqn = each.Subsystem.Text,
            Id = each.Id,
            Device = each.Served?.Name ?? each.Device,
            Medium = each.Served?.Medium,
            State = !each.IsEnabled ? NamespaceState.Disabled : served is null ? NamespaceState.NotReady : NamespaceState.Ready,
            Problem = each.Reason,
            SizeBytes = served?.Properties.SizeBytes ?? 0,
            BlockSize = served?.Properties.BlockSize ?? 0,
            IsReadOnly = served?.IsWriteProtected ?? false,
            AnaGroup = served?.AnaGroup ?? Namespace.DefaultAnaGroup,
            Uuid = served?.Identity.Uuid,
            Nguid = served?.Identity.Nguid.ToString("x32", CultureInfo.InvariantCulture),
            Eui64 = served?.Identity.Eui64.ToString("x16", CultureInfo.InvariantCulture),
            ReadBytes = totals.ReadBytes,
            WrittenBytes = totals.WrittenBytes,
            Reads = totals.ReadCommands,
            Writes = totals.WriteCommands,
            MediaErrors = totals.DeviceErrors,
        };
    }

    private static RefusalEntry ReportOf(Refusal refusal) => new()
    {
        Number = refusal.Number,
        Time = refusal.Time,
        Kind = refusal.Kind.ToString(),
        Reason = refusal.Reason.ToString(),
        RemoteAddress = refusal.RemoteEndPoint?.ToString(),
        LocalAddress = refusal.LocalEndPoint?.ToString(),
        HostNqn = refusal.HostNqn,
        SubsystemNqn = refusal.SubsystemNqn,
        Detail = refusal.Detail,
        Remedy = refusal.Remedy,
    };

    private SessionReport ReportOf(Controller controller)
    {
        Session session = controller.GetSession();
        SessionQueue admin = session.Queues[0];
        return new SessionReport
        {
            Number = NumberOf(controller),
            ControllerId = session.ControllerId,
            SubsystemNqn = session.SubsystemNqn.Text,
            IsDiscovery = session.IsDiscovery,
            HostNqn = Printable(session.HostNqn.Text),
            HostId = session.HostId,
            RemoteAddress = admin.RemoteEndPoint?.ToString() ?? "this process",
            LocalAddress = admin.LocalEndPoint?.ToString() ?? "this process",
            State = session.State.ToString(),
            IoQueues = session.Queues.Count - 1,
            CommandsInFlight = session.Queues.Skip(1).Sum(queue => queue.Outstanding),
            KeepAliveMilliseconds = session.KeepAliveMilliseconds,
            KeepAliveLeftMilliseconds = session.KeepAliveLeftMilliseconds,
            ConnectedAt = session.ConnectedSince,
        };
    }

    // Hosts choose their names, and these are shown in terminals.
    private static string Printable(string text) => text.AsSpan().ContainsAnyExceptInRange(' ', '~')
        ? string.Concat(text.Select(each => each is >= ' ' and <= '~' ? each.ToString() : $"\\x{(int)each:X4}"))
        : text;

    private static ShardReport ReportOf(ShardContext context) => new(
        context.Shard.Index,
        context.Shard.Buffers.RentedBytes + context.Shard.AdminBuffers.RentedBytes,
        (long)context.Shard.Buffers.TotalBytes + context.Shard.AdminBuffers.TotalBytes,
        context.Shard.RoundCount,
        context.Shard.SleepCount,
        (long)Stopwatch.GetElapsedTime(0, context.Shard.BusyTicks).TotalMicroseconds,
        (long)Stopwatch.GetElapsedTime(0, context.Shard.SpinTicks).TotalMicroseconds,
        context.IsShortOfBuffers,
        context.BufferWaiterCount);

    private long NumberOf(Controller controller) =>
        _numbers.GetValue(controller, _ => new StrongBox<long>(Interlocked.Increment(ref _lastNumber))).Value;
}
