using System.Net;
using ManagedNvmet.Announcing;
using ManagedNvmet.Backends.Kinds;
using ManagedNvmet.Configuration;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Target;

namespace ManagedNvmet;

/// <summary>Options of an <see cref="NvmetServer"/>.</summary>
public sealed class NvmetServerOptions
{
    /// <summary>The disks of one subsystem, at least one where neither <see cref="ConfigurationPath"/> nor <see cref="Configuration"/> is
    /// given; with one of these, disks, addresses, names and hosts come from there.</summary>
    public IList<NamespaceOptions> Namespaces { get; } = [];

    /// <summary>A configuration file in the shape that nvmetcli saves. Live changes are written to it, and its changes are carried
    /// out.</summary>
    public string? ConfigurationPath { get; set; }

    /// <summary>Carry out changes of the file as soon as they are seen, and not only when <see cref="NvmetServer.ReloadAsync"/> is
    /// called.</summary>
    public bool WatchesConfiguration { get; set; } = true;

    /// <summary>A configuration that does not come from a file. Live changes are lost when the server stops.</summary>
    public TargetConfiguration? Configuration { get; set; }

    /// <summary>Devices of your own that a configuration names with <c>device:NAME</c>. Disposed when the server stops.</summary>
    public IDictionary<string, BlockDevice> Devices { get; } = new Dictionary<string, BlockDevice>(StringComparer.Ordinal);

    /// <summary>Kinds of namespaces beside files, block devices, memory and null: <see cref="Namespaces"/> and the configuration name them
    /// by their schemes.</summary>
    public IList<BackendKind> Backends { get; } = [];

    /// <summary>How often an address or a device that is not there yet is tried again.</summary>
    public TimeSpan HealInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often disks are asked whether they have another size; <see cref="Timeout.InfiniteTimeSpan"/> for only when
    /// <see cref="NvmetServer.RefreshSizesAsync"/> or <see cref="NvmetServer.ReloadAsync"/> is called.</summary>
    public TimeSpan SizeInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock of waiting and of the history.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Addresses to listen on. Port 0 takes a free one. When there are none: 127.0.0.1:4420, and none at all with
    /// <see cref="AcceptsPipes"/>.</summary>
    public IList<IPEndPoint> Listen { get; } = [];

    /// <summary>What carries the bytes of the connections to <see cref="Listen"/>.</summary>
    public TransportEngine Transport { get; set; }

    /// <summary>The program hands connections to <see cref="NvmetServer.AcceptAsync"/>. Nobody may connect then unless
    /// <see cref="AllowedHosts"/> or <see cref="AllowsAnyHost"/> says so.</summary>
    public bool AcceptsPipes { get; set; }

    /// <summary>Whether the discovery service of ports that hosts elsewhere can reach is announced by multicast DNS
    /// (<c>_nvme-disc._tcp</c>), and by whom. Off unless asked for: hosts that hear of it may connect to everything that they are let
    /// in to, without anybody having typed a command there.</summary>
    public MdnsMode Mdns { get; set; }

    /// <summary>SUBNQN; by default a name made once and kept in the state folder.</summary>
    public Nqn? SubsystemNqn { get; set; }

    /// <summary>Serial number, 1 to 20 printable ASCII characters; by default made once and kept in the state folder.</summary>
    public string? SerialNumber { get; set; }

    /// <summary>The hosts that may connect. When there are none: any host of this machine if every address of <see cref="Listen"/> is on
    /// the loopback and <see cref="AcceptsPipes"/> is not set, and nobody otherwise, unless <see cref="AllowsAnyHost"/> is set.</summary>
    public IList<Nqn> AllowedHosts { get; } = [];

    /// <summary>Any host that reaches the port may connect. Cannot be combined with <see cref="AllowedHosts"/>.</summary>
    public bool AllowsAnyHost { get; set; }

    /// <summary>Serve every disk read-only.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Where identities are kept; by default managed-nvmet in the user's state folder (XDG_STATE_HOME or
    /// ~/.local/state).</summary>
    public string? StateFolder { get; set; }

    /// <summary>The limits in force.</summary>
    public TargetLimits Limits { get; set; } = new();

    /// <summary>Threads that carry connections, 1 to 64; by default one a processor, at most 8.</summary>
    public int ShardCount { get; set; } = Math.Clamp(Environment.ProcessorCount, 1, 8);

    /// <summary>How often the load of the shards is compared, 100 milliseconds to an hour: where one is much busier than another, a
    /// connection goes to that one. Zero leaves connections where they were placed.</summary>
    public TimeSpan RebalanceInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of the kernel's send buffer of each connection, 0 to leave its size to the kernel.</summary>
    public int SendBufferBytes { get; set; }

    /// <summary>How the kernel paces what it sends to hosts: one of the names in /proc/sys/net/ipv4/tcp_available_congestion_control. Null
    /// for what the system has chosen, but without BBR's pacing where the round trip is shorter than a millisecond.</summary>
    public string? CongestionControl { get; set; }

    /// <summary>Sizes and choices of each shard.</summary>
    public ShardOptions Shard { get; set; } = new();

    /// <summary>How long a stop waits for commands in flight.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>All kinds of namespaces.</summary>
    internal BackendKinds AllBackends => Backends.Aggregate(BackendKinds.Default, (kinds, kind) => kinds.With(kind));

    /// <summary>The default state folder of this user.</summary>
    public static string DefaultStateFolder
    {
        get
        {
            // The XDG rules: a relative path there is to be ignored.
            string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            if (!Path.IsPathRooted(state))
            {
                // Also when it does not exist: accounts of services have such a home, and a message should name it.
                string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
                state = Path.Combine(home, ".local", "state");
            }
            return Path.Combine(state, "managed-nvmet");
        }
    }
}
