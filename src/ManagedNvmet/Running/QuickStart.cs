using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Backends;
using ManagedNvmet.Backends.Identities;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Running;

/// <summary>Creates the configuration of the command line's disks: one subsystem that every port exports.</summary>
internal static class QuickStart
{
    /// <summary>The configuration that the options ask for.</summary>
    /// <exception cref="StartupException">They ask for something that cannot be.</exception>
    public static TargetConfiguration Build(NvmetServerOptions options, IdentityStore identities)
    {
        if (options.Namespaces.Count == 0)
            throw new StartupException("There is no disk to serve: name at least one.") { Setting = nameof(options.Namespaces) };
        Nqn nqn = options.SubsystemNqn ?? DefaultNqn(identities);
        if (options.AllowsAnyHost && options.AllowedHosts.Count > 0)
            throw new StartupException("Any host may connect, and some are named: either name those that may, or let any in.");
        if (nqn.Equals(Nqn.Discovery))
        {
            throw new StartupException($"{nqn} is the name of every discovery subsystem; choose another name for yours.")
            {
                Setting = nameof(options.SubsystemNqn),
            };
        }
        var subsystem = new SubsystemConfiguration
        {
            Nqn = nqn,
            SerialNumber = options.SerialNumber,
            AllowAnyHost = options.AllowsAnyHost || (options.AllowedHosts.Count == 0 && IsLocal(options)),
            AllowedHosts = options.AllowedHosts.ToConfigurationList(),
            Namespaces = Namespaces(options).ToConfigurationList(),
        };
        return new TargetConfiguration
        {
            Subsystems = [subsystem],
            Hosts = options.AllowedHosts.Distinct().Select(host => new HostConfiguration { Nqn = host }).ToConfigurationList(),
            Ports = Ports(options, nqn).ToConfigurationList(),
        };
    }

    /// <summary>The name of a device of the hosting program.</summary>
    public static string NameOf(NamespaceOptions wanted, uint id) => wanted.Name ?? $"namespace {id}";

    /// <summary>The NSIDs of the namespaces: the given ones, and the lowest free ones for the others.</summary>
    public static IEnumerable<(NamespaceOptions Options, uint Id)> Number(IEnumerable<NamespaceOptions> namespaces)
    {
        NamespaceOptions[] all = [.. namespaces];
        var used = new HashSet<uint>(all.Select(each => each.Id ?? 0));
        uint next = 1;
        foreach (NamespaceOptions wanted in all)
        {
            if (wanted.Id is { } chosen)
            {
                yield return (wanted, chosen);
                continue;
            }
            while (used.Contains(next))
                next++;
            yield return (wanted, next++);
        }
    }

    private static Nqn DefaultNqn(IdentityStore identities)
    {
        Guid uuid = identities.Claim(DiskNames.OfSingle("subsystem"), out _).Uuid;
        return Nqn.Parse($"nqn.2014-08.org.nvmexpress:uuid:{uuid}");
    }

    // Any host may connect by default only when all addresses are loopback addresses.
    // Nothing is known about where connections come from that the program hands over.
    private static bool IsLocal(NvmetServerOptions options) =>
        !options.AcceptsPipes && options.Listen.All(endPoint => IPAddress.IsLoopback(endPoint.Address));

    private static IEnumerable<PortConfiguration> Ports(NvmetServerOptions options, Nqn nqn)
    {
        IReadOnlyList<IPEndPoint> endPoints = options.Listen.Count > 0 || options.AcceptsPipes
            ? [.. options.Listen]
            : [new IPEndPoint(IPAddress.Loopback, Transport.Tcp.TcpTransportOptions.DefaultPort)];
        ushort id = 0;
        foreach (IPEndPoint endPoint in endPoints)
        {
            yield return new PortConfiguration
            {
                Id = ++id,
                Address = endPoint.Address.ToString(),
                ServiceId = endPoint.Port,
                AddressFamily = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? PortAddressFamily.Ipv6 : PortAddressFamily.Ipv4,
                Subsystems = [nqn],
            };
        }
    }

    private static IEnumerable<NamespaceConfiguration> Namespaces(NvmetServerOptions options)
    {
        foreach ((NamespaceOptions wanted, uint id) in Number(options.Namespaces))
        {
            NamespaceConfiguration configured = Device(options, wanted, id);
            yield return wanted.Identity is not { } identity
                ? configured
                : configured with { Uuid = identity.Uuid, Nguid = identity.Nguid, Eui64 = identity.Eui64 };
        }
    }

    private static NamespaceConfiguration Device(NvmetServerOptions options, NamespaceOptions wanted, uint id)
    {
        if (wanted.Device is not null)
            return new NamespaceConfiguration { Id = id, Device = DeviceSpecification.ForOwn(NameOf(wanted, id)) };
        if (wanted.Specification is not { } text)
            throw new StartupException($"Namespace {id} has neither a specification nor a device.");
        NamespaceSpec spec = NamespaceSpec.Parse(text, options.AllBackends);
        return new NamespaceConfiguration
        {
            Id = id,
            Device = spec.Kind.Write(spec.Subject),
            IsReadOnly = spec.IsReadOnly || options.IsReadOnly,
            BlockSize = spec.BlockSize,
            IsBuffered = spec.IsBuffered,
            IsForced = spec.IsForced,
            CreateBytes = spec.CreateBytes ?? (spec.Kind.Options.Contains("create") ? ParseCreateSize(wanted.CreateSize) : null),
            Uuid = spec.Uuid,
        };
    }

    private static ulong? ParseCreateSize(string? text)
    {
        if (text is null)
            return null;
        return ByteSize.TryParse(text, out ulong bytes) && bytes > 0
            ? bytes
            : throw new StartupException($"The size of files to create is '{text}', expected a size such as 512M, 10G or 1TiB.");
    }
}
