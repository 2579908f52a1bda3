using System.Net;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Management;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Transport.Tcp;
using static ManagedNvmet.Server.Settings.SettingValue;

namespace ManagedNvmet.Server.Settings;

/// <summary>Every setting of the process, in the order of the documents. A new setting is one row.</summary>
internal static class SettingTable
{
    /// <summary>Names the management socket, for the server and for the verbs; <c>--server</c> is the same option.</summary>
    public const string SocketOption = "--management-socket";

    /// <summary>The value that turns the management socket off.</summary>
    public const string NoSocket = "none";

    private const int MaxCount = 1_000_000;

    /// <summary>The rows.</summary>
    public static IReadOnlyList<Setting> All { get; } =
        [.. Shards(), .. TransportAndTransfers(), .. Limits(), .. TargetAndProcess(), .. ManagementInterface()];

    /// <summary>The row of a name, in either case; null when there is none.</summary>
    public static Setting? Find(string key) => All.FirstOrDefault(each => each.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Setting> Shards() =>
    [
        Number("Shards:Count", 1, 64, "", "Threads that carry connections",
            from => from.Server.ShardCount, (to, value) => to.Server.ShardCount = (int)value)
            with { Option = "--shards", DefaultText = "one a processor, at most 8" },
        Number("Shards:SpinMicroseconds", 0, ShardOptions.MaxSpinMicroseconds, "microseconds",
            "Time at most that a shard polls for more work before it sleeps: shorter answers for a processor that is busy while there is "
                + "load",
            from => from.Server.Shard.SpinMicroseconds,
            (to, value) => to.Server.Shard = to.Server.Shard with { SpinMicroseconds = (int)value })
            with { Option = "--spin" },
        Seconds("Shards:RebalanceSeconds", 0.1, 3600,
            "Time between two comparisons of the shards' load; a connection moves from a busy shard to another, and its host sees a short "
                + "pause",
            from => from.Server.RebalanceInterval, (to, value) => to.Server.RebalanceInterval = value, canBeZero: true)
            with { Option = "--rebalance" },
        Size("Shards:BufferBytes", 4096, 1 << 30, 4096, "Memory of a shard for the data of I/O commands; claimed as needed",
            from => from.Server.Shard.BufferBytes, (to, value) => to.Server.Shard = to.Server.Shard with { BufferBytes = value })
            with { Identities = Names<ShardOptions>(nameof(ShardOptions.BufferBytes)) },
        Size("Shards:AdminBufferBytes", 1 << 16, 1 << 30, 0, "Memory of a shard for the data of admin commands; claimed as needed",
            from => from.Server.Shard.AdminBufferBytes, (to, value) => to.Server.Shard = to.Server.Shard with { AdminBufferBytes = value })
            with { Identities = Names<ShardOptions>(nameof(ShardOptions.AdminBufferBytes)) },
        Size("Shards:ReceiveBufferBytes", 1 << 16, 16 << 20, 4096, "Receive buffer that the connections of a shard share",
            from => from.Server.Shard.ReceiveBufferBytes,
            (to, value) => to.Server.Shard = to.Server.Shard with { ReceiveBufferBytes = value }),
        Choice("Disks:Engine", "Engine of disk operations: io_uring, or worker threads; Auto: io_uring where the system allows it",
            from => from.Server.Shard.Disk, (to, value) => to.Server.Shard = to.Server.Shard with { Disk = value })
            with { Option = "--disk-engine" },
        Number("Disks:Depth", 1, 16_384, "", "Disk operations of a shard that the kernel has at a time; more wait in the process",
            from => from.Server.Shard.DiskDepth, (to, value) => to.Server.Shard = to.Server.Shard with { DiskDepth = (int)value }),
        Number("Disks:Workers", 1, 64, "", "Worker threads of a shard for disk operations that block",
            from => from.Server.Shard.DiskWorkers, (to, value) => to.Server.Shard = to.Server.Shard with { DiskWorkers = (int)value }),
        Flag("Disks:RegisterBuffers", "Register the memory of transfers with io_uring; it counts as locked memory",
            from => from.Server.Shard.RegistersBuffers, (to, value) => to.Server.Shard = to.Server.Shard with { RegistersBuffers = value }),
    ];

    private static IEnumerable<Setting> TransportAndTransfers() =>
    [
        Choice("Transport:Engine", "Engine of connections: system calls on the shards (Epoll), or the runtime's sockets and pipes, which "
            + "costs more processor time; Auto: Epoll",
            from => from.Server.Transport, (to, value) => to.Server.Transport = value)
            with { Option = "--transport" },
        new Setting
        {
            Key = "Transport:CongestionControl",
            Help = "TCP congestion control of data that is sent to hosts",
            Range = "a name from /proc/sys/net/ipv4/tcp_available_congestion_control",
            Option = "--congestion-control",
            HelpName = "NAME",
            DefaultText = "the system's choice, but cubic instead of BBR for hosts that are nearer than a millisecond",
            Show = from => from.Server.CongestionControl ?? "",
            Apply = (to, text) =>
            {
                to.Server.CongestionControl = text;
                return CongestionControl.FaultOf(text) is { } fault ? ": " + fault : null;
            },
        },
        Size("Transport:SendBufferBytes", 0, 1 << 30, 1, "Send buffer of the kernel for each connection; 0 leaves its size to the kernel",
            from => from.Server.SendBufferBytes, (to, value) => to.Server.SendBufferBytes = value),
        Seconds("Transport:HandshakeSeconds", 1, 600, "Time for ICReq after the TCP connection, and for Connect after ICReq",
            from => TimeSpan.FromMilliseconds(from.Server.Limits.Connection.HandshakeMilliseconds),
            (to, value) => SetConnection(to, limits => limits with { HandshakeMilliseconds = (int)value.TotalMilliseconds }))
            with { Identities = Names<ConnectionLimits>(nameof(ConnectionLimits.HandshakeMilliseconds)) },
        Seconds("Transport:TerminationSeconds", 1, 600,
            "Time for the host to close the connection after a Terminate Connection Request",
            from => TimeSpan.FromMilliseconds(from.Server.Limits.Connection.TerminationMilliseconds),
            (to, value) => SetConnection(to, limits => limits with { TerminationMilliseconds = (int)value.TotalMilliseconds })),
        Size("Transfers:MaxBytes", 4096, 16 << 20, 0, "Largest transfer of one command (MDTS)",
            from => from.Server.Limits.Connection.MaxTransferBytes,
            (to, value) => SetConnection(to, limits => limits with { MaxTransferBytes = value }))
            with { Identities = Names<ConnectionLimits>(nameof(ConnectionLimits.MaxTransferBytes)) },
        Size("Transfers:InCapsuleBytes", 0, 65536, 16, "Largest data of an I/O command inside its capsule (IOCCSZ)",
            from => from.Server.Limits.Connection.IoInCapsuleBytes,
            (to, value) => SetConnection(to, limits => limits with { IoInCapsuleBytes = value })),
        Size("Transfers:MaxH2CDataBytes", 4096, 16 << 20, 4, "Largest data of one H2CData PDU (MAXH2CDATA), and of one R2T",
            from => from.Server.Limits.Connection.MaxH2CDataBytes,
            (to, value) => SetConnection(to, limits => limits with { MaxH2CDataBytes = value })),
        Size("Transfers:MaxC2HDataBytes", 4096, 16 << 20, 4, "Largest data of one C2HData PDU",
            from => from.Server.Limits.Connection.MaxC2HDataBytes,
            (to, value) => SetConnection(to, limits => limits with { MaxC2HDataBytes = value })),
    ];

    private static IEnumerable<Setting> Limits() =>
    [
        Number("Connections:Max", 1, MaxCount, "", "Connections at a time over all ports; each is one queue",
            from => from.Server.Limits.MaxConnections, (to, value) => SetLimits(to, limits => limits with { MaxConnections = (int)value }))
            with { Identities = Names<TargetLimits>(nameof(TargetLimits.MaxConnections)) },
        Number("Connections:MaxPerAddress", 1, MaxCount, "", "Connections at a time from one address",
            from => from.Server.Limits.MaxConnectionsPerAddress,
            (to, value) => SetLimits(to, limits => limits with { MaxConnectionsPerAddress = (int)value }))
            with { Identities = Names<TargetLimits>(nameof(TargetLimits.MaxConnectionsPerAddress)) },
        Size("Connections:MaxBufferBytes", 4096, 1 << 30, 4096,
            "Buffers that the I/O commands of one connection hold at a time; a single command always gets its own",
            from => from.Server.Limits.Connection.MaxBufferBytes,
            (to, value) => SetConnection(to, limits => limits with { MaxBufferBytes = value })),
        Number("Hosts:MaxControllers", 1, MaxCount, "", "Controllers of one host at a time, over all subsystems",
            from => from.Server.Limits.Host.MaxControllers, (to, value) => SetHost(to, host => host with { MaxControllers = (int)value }))
            with { Identities = Names<HostLimits>(nameof(HostLimits.MaxControllers)) },
        Number("Hosts:MaxQueues", 1, MaxCount, "", "I/O queues of one host at a time, over all subsystems",
            from => from.Server.Limits.Host.MaxQueues, (to, value) => SetHost(to, host => host with { MaxQueues = (int)value }))
            with { Identities = Names<HostLimits>(nameof(HostLimits.MaxQueues)) },
        Number("Hosts:MaxQueueEntries", 1, 1 << 30, "", "Entries of all I/O queues of one host",
            from => from.Server.Limits.Host.MaxQueueEntries, (to, value) => SetHost(to, host => host with { MaxQueueEntries = (int)value }))
            with { Identities = Names<HostLimits>(nameof(HostLimits.MaxQueueEntries)) },
        Number("Hosts:MaxRegistered", 1, MaxCount, "", "Hosts that are registered with the discovery subsystem",
            from => from.Server.Limits.MaxRegisteredHosts,
            (to, value) => SetLimits(to, limits => limits with { MaxRegisteredHosts = (int)value }))
            with { Identities = Names<TargetLimits>(nameof(TargetLimits.MaxRegisteredHosts)) },
        Number("Subsystems:MaxControllers", 1, 65_519, "", "Controllers of one subsystem at a time",
            from => from.Server.Limits.MaxControllers, (to, value) => SetLimits(to, limits => limits with { MaxControllers = (int)value }))
            with { Identities = Names<TargetLimits>(nameof(TargetLimits.MaxControllers)) },
        Number("Queues:MaxIoQueues", 1, 65_534, "", "I/O queues of one controller",
            from => from.Server.Limits.MaxIoQueues, (to, value) => SetLimits(to, limits => limits with { MaxIoQueues = (int)value }))
            with { Identities = Names<TargetLimits>(nameof(TargetLimits.MaxIoQueues)) },
        Number("Queues:MaxEntries", 2, 65_536, "", "Entries of an I/O submission queue (CAP.MQES + 1)",
            from => from.Server.Limits.MaxQueueEntries, (to, value) => SetLimits(
                to, limits => limits with { MaxQueueEntries = (int)value }))
            with { Identities = Names<TargetLimits>(nameof(TargetLimits.MaxQueueEntries)) },
        Number("Queues:MaxAdminEntries", 32, 4096, "", "Entries of an admin submission queue (ASQSZ)",
            from => from.Server.Limits.MaxAdminQueueEntries,
            (to, value) => SetLimits(to, limits => limits with { MaxAdminQueueEntries = (int)value }))
            with { Identities = Names<TargetLimits>(nameof(TargetLimits.MaxAdminQueueEntries)) },
        Number("Queues:MaxAsyncEventRequests", 1, 256, "", "Asynchronous Event Requests of a controller that may be outstanding (AERL + 1)",
            from => from.Server.Limits.MaxAsyncEventRequests,
            (to, value) => SetLimits(to, limits => limits with { MaxAsyncEventRequests = (int)value })),
        Number("Queues:MaxAborts", 1, 256, "", "Abort commands of a controller that may be outstanding (ACL + 1)",
            from => from.Server.Limits.MaxAborts, (to, value) => SetLimits(to, limits => limits with { MaxAborts = (int)value })),
    ];

    private static IEnumerable<Setting> TargetAndProcess() =>
    [
        Number("Ana:MaxGroups", 1, 1024, "", "ANA groups, and the highest ANAGRPID",
            from => from.Server.Limits.MaxAnaGroups, (to, value) => SetLimits(to, limits => limits with { MaxAnaGroups = (uint)value }))
            with { Identities = Names<TargetLimits>(nameof(TargetLimits.MaxAnaGroups)) },
        Number("Ana:TransitionSeconds", 1, 255, "seconds", "Time that an ANA group stays in the Change state at most (ANATT)",
            from => from.Server.Limits.AnaTransitionSeconds,
            (to, value) => SetLimits(to, limits => limits with { AnaTransitionSeconds = (int)value })),
        Number("ErrorLog:Entries", 1, 256, "", "Entries of the error log of a controller (ELPE + 1)",
            from => from.Server.Limits.ErrorLogEntries,
            (to, value) => SetLimits(to, limits => limits with { ErrorLogEntries = (int)value })),
        Seconds("Discovery:IdleSeconds", 1, 86_400, "Time after which an idle discovery controller without Keep Alive is dropped",
            from => TimeSpan.FromMilliseconds(from.Server.Limits.DiscoveryIdleMilliseconds),
            (to, value) => SetLimits(to, limits => limits with { DiscoveryIdleMilliseconds = (int)value.TotalMilliseconds })),
        Choice("Discovery:Mdns", "Announce the discovery service by multicast DNS (_nvme-disc._tcp): through the avahi daemon, by a "
            + "responder of our own, or Auto for the first that is there. Never for the loopback",
            from => from.Server.Mdns, (to, value) => to.Server.Mdns = value)
            with { Option = "--mdns" },
        Seconds("Server:AssociationSeconds", 1, 86_400, "Time that a disabled or shut down controller waits for its host to enable it "
            + "again",
            from => TimeSpan.FromMilliseconds(from.Server.Limits.AssociationMilliseconds),
            (to, value) => SetLimits(to, limits => limits with { AssociationMilliseconds = (int)value.TotalMilliseconds })),
        Seconds("Server:StopSeconds", 1, 600, "Time that a stop waits for commands in flight and for the flush of disks",
            from => from.Server.StopTimeout, (to, value) => to.Server.StopTimeout = value),
        Seconds("Server:HealSeconds", 0.1, 3600, "Time between two tries to use an address or a device that is not there yet",
            from => from.Server.HealInterval, (to, value) => to.Server.HealInterval = value),
        Seconds("Server:SizeSeconds", 0.1, 3600, "Time between two checks of the disks' sizes",
            from => from.Server.SizeInterval, (to, value) => to.Server.SizeInterval = value),
        Text("Server:StateDirectory", "a folder", "Folder of identities and of the default disk",
            from => from.Server.StateFolder,
            (to, text) =>
            {
                to.Server.StateFolder = Path.GetFullPath(text);
                return true;
            })
            with
            {
                Option = "--state-directory",
                HelpName = "FOLDER",
                DefaultText = "managed-nvmet in $XDG_STATE_HOME or ~/.local/state",
            },
        Choice("Logging:Level", "The least level that is logged", from => from.LogLevel, (to, value) => to.LogLevel = value)
            with { Option = "--log-level" },
    ];

    private static IEnumerable<Setting> ManagementInterface() =>
    [
        Text("Management:Socket", $"a path or '{NoSocket}'", "Unix socket of the management interface, for the verbs",
            from => from.ManagementSocket,
            (to, text) =>
            {
                to.ManagementSocket = text;
                return true;
            })
            with
            {
                Option = SocketOption,
                OptionAlias = "--server",
                HelpName = $"PATH|{NoSocket}",
                DefaultText = "management.sock in the state folder, or in the service's folder below /run",
            },
        File("Management:Group", "a group of this machine", "The group whose members may use the management socket",
            from => from.Management.SocketGroup, (to, text) => to with { SocketGroup = text })
            with { Option = "--management-group", HelpName = "GROUP", DefaultText = "the group of the process" },
        Text("Management:Addresses", "an address with a port, such as 127.0.0.1:4421 or [::1]:4421",
            "Also offer management, with its web page, on these addresses. Needs a token file or a client authority",
            from => string.Join(',', from.Management.EndPoints),
            SetAddresses)
            with { Option = "--management", HelpName = "ADDRESS:PORT", IsList = true, DefaultText = "none" },
        File("Management:TokenFile", "a file", "The token that requests over TCP carry, in a file that only its owner may read",
            from => from.Management.TokenFile, (to, text) => to with { TokenFile = text })
            with { Option = "--management-token-file", DefaultText = "none" },
        File("Management:Certificate", "a PEM file", "The certificate for TLS",
            from => from.Management.CertificateFile, (to, text) => to with { CertificateFile = text })
            with { Option = "--management-certificate", DefaultText = "none: plain HTTP" },
        File("Management:CertificateKey", "a PEM file", "The private key of the certificate",
            from => from.Management.CertificateKeyFile, (to, text) => to with { CertificateKeyFile = text })
            with { Option = "--management-key", DefaultText = "in the file of the certificate" },
        File("Management:ClientAuthority", "a PEM file", "Accept only clients with a certificate issued by this authority (mutual TLS)",
            from => from.Management.ClientAuthorityFile, (to, text) => to with { ClientAuthorityFile = text })
            with { Option = "--management-client-ca", DefaultText = "none" },
        Text("Management:Otlp", "an address such as http://127.0.0.1:4317", "Send metrics to this collector by OTLP over gRPC",
            from => from.Management.OtlpEndPoint?.ToString(),
            (to, text) =>
            {
                if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
                    return false;
                to.Management = to.Management with { OtlpEndPoint = url };
                return true;
            })
            with { Option = "--otlp", HelpName = "URL", DefaultText = "none" },
    ];

    private static Setting File(
        string key,
        string range,
        string help,
        Func<ServerSettings, string?> get,
        Func<ManagementOptions, string, ManagementOptions> set) =>
        Text(key, range, help, get, (to, text) =>
        {
            to.Management = set(to.Management, text);
            return true;
        }) with
        { HelpName = "FILE" };

    private static bool SetAddresses(ServerSettings to, string text)
    {
        string[] addresses = text.Split(',', StringSplitOptions.TrimEntries);
        if (!Array.TrueForAll(addresses, HasPort))
            return false;
        to.Management = to.Management with { EndPoints = [.. addresses.Select(IPEndPoint.Parse)] };
        return true;
    }

    private static bool HasPort(string address) =>
        IPEndPoint.TryParse(address, out _)
        && (address.StartsWith('[') ? address.Contains("]:", StringComparison.Ordinal) : address.AsSpan().Count(':') == 1);

    private static void SetLimits(ServerSettings to, Func<TargetLimits, TargetLimits> change) =>
        to.Server.Limits = change(to.Server.Limits);

    private static void SetConnection(ServerSettings to, Func<ConnectionLimits, ConnectionLimits> change) =>
        SetLimits(to, limits => limits with { Connection = change(limits.Connection) });

    private static void SetHost(ServerSettings to, Func<HostLimits, HostLimits> change) =>
        SetLimits(to, limits => limits with { Host = change(limits.Host) });

    private static IReadOnlyList<string> Names<T>(string property) => [$"{typeof(T).Name}.{property}"];
}
