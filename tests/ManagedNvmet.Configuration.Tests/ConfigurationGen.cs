using System.Net;
using CsCheck;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Random configurations that are sound and small enough to be read when one fails. They vary every property of every record, as
/// RecordTests checks.</summary>
internal static class ConfigurationGen
{
    private const string FileMark = "file";

    // Each namespace has a file of its own, so that no disk is served twice. The files are sparse and made once for the process.
    private static readonly Lazy<TemporaryFolder> Files = new(() => new TemporaryFolder());

    private static readonly UnknownAttributes Note = UnknownAttributes.None.With("_note", "\"kept\"");

    private static readonly Gen<UnknownAttributes> Unknown = Gen.Int[0, 3].Select(number => number == 0 ? Note : UnknownAttributes.None);

    private static readonly Gen<Nqn> HostName = Gen.Int[1, 4].Select(number => Nqn.Parse($"nqn.2026-11.com.example:host{number}"));

    private static readonly Gen<Nqn> SubsystemName = Gen.Int[1, 4].Select(
        number => Nqn.Parse($"nqn.2026-11.com.example:subsystem{number}"));

    private static readonly Gen<ConfigurationList<Nqn>> HostNames =
        HostName.Array[0, 4].Select(names => names.Distinct().ToConfigurationList());

    private static readonly Gen<long?> Limit = Gen.OneOf(Gen.Const((long?)null), Gen.Long[4096, 1L << 39].Select(value => (long?)value));

    private static readonly Gen<int?> Count = Gen.OneOf(Gen.Const((int?)null), Gen.Int[1, 8].Select(value => (int?)value));

    private static readonly Gen<TransportRequirement> Requirement =
        Gen.Enum<TransportRequirement>();

    public static readonly Gen<QualityOfServiceConfiguration> Limits =
        Gen.Select(Limit.Array[6], Gen.Bool).Select((limits, isLong) => new QualityOfServiceConfiguration
        {
            ReadIops = limits[0],
            WriteIops = limits[1],
            TotalIops = limits[2],
            ReadBytesPerSecond = limits[3],
            WriteBytesPerSecond = limits[4],
            TotalBytesPerSecond = limits[5],
            BurstSeconds = isLong ? 2.5 : null,
        });

    private static readonly Gen<QualityOfServiceConfiguration?> QualityOfService =
        Gen.OneOf(Gen.Const((QualityOfServiceConfiguration?)null), Limits.Select(limits => (QualityOfServiceConfiguration?)limits));

    public static readonly Gen<HostQualityOfServiceConfiguration> HostQualityOfService =
        Gen.Select(HostName, Limits).Select((host, limits) => new HostQualityOfServiceConfiguration { Nqn = host, Limits = limits });

    public static readonly Gen<HostConfiguration> Host =
        Gen.Select(HostName, Gen.Int[0, 31], QualityOfService, Gen.Select(Count, Count), Unknown)
            .Select((name, flags, limits, counts, unknown) =>
            new HostConfiguration
            {
                Nqn = name,
                HostId = (flags & 1) != 0 ? new Guid(7, 0, 0, new byte[8]) : null,
                SourceNetworks = (flags & 2) != 0 ? [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")] : [],
                KeyReference = (flags & 12) == 12 ? "key" : null,
                ControllerKeyReference = (flags & 20) == 20 ? "controller key" : null,
                QualityOfService = limits,
                MaxControllers = counts.Item1,
                MaxQueues = counts.Item2,
                Unknown = unknown,
            });

    private static readonly Gen<NamespaceConfiguration> Namespace = Gen.Select(
        Gen.Select(Gen.UInt[1, 4], Gen.Int[0, 7], Gen.Int[0, 1023]),
        Gen.Select(HostNames, HostNames),
        QualityOfService,
        HostQualityOfService.Array[0, 2],
        Unknown).Select((basics, hosts, limits, hostLimits, unknown) =>
        {
            (uint id, int device, int flags) = basics;
            return new NamespaceConfiguration
            {
                Id = id,
                Device = device < 2 ? $"null:{device + 1}M" : device < 4 ? $"mem:{device}M" : FileMark,
                IsEnabled = (flags & 3) != 3,
                IsReadOnly = (flags & 5) == 5,
                BlockSize = (flags & 8) != 0 ? 4096 : null,
                AnaGroup = (flags & 16) != 0 ? 2u : 1u,
                IsBuffered = (flags & 64) != 0,
                IsForced = (flags & 128) != 0,
                CreateBytes = (flags & 256) != 0 ? 1 << 20 : null,
                Uuid = (flags & 512) != 0 ? Guid.Empty : null,
                VisibleTo = (flags & 32) != 0 ? hosts.Item1 : null,
                ReadOnlyFor = hosts.Item2,
                QualityOfService = limits,
                HostQualityOfService = hostLimits.DistinctBy(each => each.Nqn).ToConfigurationList(),
                Unknown = unknown,
            };
        });

    public static readonly Gen<SubsystemConfiguration> Subsystem = Gen.Select(
        Gen.Select(SubsystemName, Gen.Int[0, 255], Unknown), Namespace.Array[0, 4], HostNames, QualityOfService, Gen.Select(Count, Count))
        .Select((basics, namespaces, hosts, limits, counts) =>
        {
            (Nqn name, int flags, UnknownAttributes unknown) = basics;
            return new SubsystemConfiguration
            {
                Nqn = name,
                SerialNumber = (flags & 1) != 0 ? "SN-1" : null,
                ModelNumber = (flags & 3) == 3 ? "Model" : null,
                FirmwareRevision = (flags & 5) == 5 ? "7" : null,
                ControllerIdMin = (ushort)((flags & 9) == 9 ? 100 : 1),
                ControllerIdMax = (ushort)((flags & 17) == 17 ? 200 : 0xFFEF),
                AllowAnyHost = (flags & 32) != 0,
                AllowedHosts = (flags & 32) != 0 ? [] : hosts,
                IsHidden = (flags & 64) != 0,
                DuplicateHosts = (flags & 128) != 0 ? DuplicateHostPolicy.Fence : DuplicateHostPolicy.Warn,
                MaxControllers = counts.Item1,
                MaxQueues = counts.Item2,
                Namespaces = namespaces.DistinctBy(each => each.Id).Select(each => Place(each, name)).ToConfigurationList(),
                QualityOfService = limits,
                Unknown = unknown,
            };
        });

    public static readonly Gen<ReferralConfiguration> Referral =
        Gen.Select(Gen.Int[0, 63], Requirement, Unknown).Select((flags, requirement, unknown) => new ReferralConfiguration
        {
            Name = (flags & 1) != 0 ? "other" : "another",
            TransportType = (flags & 2) != 0 ? "rdma" : "tcp",
            Address = (flags & 4) != 0 ? "2001:db8::9" : "192.0.2.9",
            AddressFamily = (flags & 4) != 0 ? PortAddressFamily.Ipv6 : PortAddressFamily.Ipv4,
            ServiceId = (flags & 8) != 0 ? 8010 : 8009,
            PortId = (ushort)((flags & 16) != 0 ? 3 : 0),
            TransportRequirement = requirement,
            IsEnabled = (flags & 32) == 0,
            Unknown = unknown,
        });

    public static readonly Gen<AnaGroupConfiguration> AnaGroup =
        Gen.Select(Gen.UInt[1, 3], Gen.Enum<AnaState>(), Unknown).Select(
            (id, state, unknown) => new AnaGroupConfiguration { Id = id, State = state, Unknown = unknown });

    // Most listen on free TCP ports of the loopback, one address each; a fixed TCP port is only in those that are not served.
    public static readonly Gen<PortConfiguration> Port = Gen.Select(
        Gen.Select(Gen.Int[1, 3], Gen.Int[0, 63], Requirement),
        AnaGroup.Array[0, 2],
        Referral.Array[0, 2],
        Gen.Select(Count, Count),
        Unknown)
        .Select((basics, groups, referrals, counts, unknown) =>
        {
            (int number, int flags, TransportRequirement requirement) = basics;
            bool isOther = (flags & 3) == 3;
            bool isSecure = !isOther && (flags & 12) == 12;
            return new PortConfiguration
            {
                Id = (ushort)number,
                TransportType = isOther ? "rdma" : "tcp",
                Address = number == 3 ? "::1" : $"127.0.0.{number}",
                AddressFamily = number == 3 ? PortAddressFamily.Ipv6 : PortAddressFamily.Ipv4,
                ServiceId = isOther ? 4420 : 0,
                TransportRequirement = isSecure ? requirement : TransportRequirement.NotSpecified,
                TransportSecurity = isSecure ? TransportSecurity.Tls13 : TransportSecurity.None,
                MaxInlineDataBytes = (flags & 16) != 0 ? 16_384 : null,
                IsHiddenInDiscovery = (flags & 32) != 0,
                AnaGroups = groups.DistinctBy(each => each.Id).ToConfigurationList(),
                Referrals = referrals.DistinctBy(each => each.Name).ToConfigurationList(),
                MaxConnections = counts.Item1,
                MaxControllers = counts.Item2,
                Unknown = unknown,
            };
        });

    public static readonly Gen<TargetConfiguration> Any =
        Gen.Select(Host.Array[0, 4], Subsystem.Array[0, 4], Port.Array[0, 3], Gen.Int[0, 15], Unknown).Select(
            (hosts, subsystems, ports, flags, unknown) =>
            {
                SubsystemConfiguration[] distinct = [.. subsystems.DistinctBy(each => each.Nqn)];
                return new TargetConfiguration
                {
                    Hosts = hosts.DistinctBy(host => host.Nqn).ToConfigurationList(),
                    Subsystems = distinct.ToConfigurationList(),
                    Ports = ports.DistinctBy(port => port.Id).Select(port => port with
                    {
                        Subsystems = distinct.Where((_, index) => (flags >> index & 1) == 0).Select(each => each.Nqn).ToConfigurationList(),
                    }).ToConfigurationList(),
                    Unknown = unknown,
                };
            });

    // Only a file can be buffered, forced or created, and only a file keeps an identity that is given to it.
    private static NamespaceConfiguration Place(NamespaceConfiguration each, Nqn subsystem)
    {
        if (each.Device != FileMark)
            return each with { IsBuffered = false, IsForced = false, CreateBytes = null, Uuid = null };
        string name = $"{subsystem.Text[^1]}-{each.Id}";
        byte[] tail = [1, 2, 3, 4, 5, 6, (byte)subsystem.Text[^1], (byte)each.Id];
        ulong eui64 = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(tail);
        bool hasIdentity = each.Uuid is not null;
        return each with
        {
            Device = FileOf(name),
            Uuid = hasIdentity ? new Guid(7, 0, 0x4000, tail) : null,
            Nguid = hasIdentity ? new UInt128(7, eui64) : null,
            Eui64 = hasIdentity ? eui64 : null,
        };
    }

    private static string FileOf(string name)
    {
        string path = Path.Combine(Files.Value.Path, name + ".img");
        lock (Files)
            return File.Exists(path) ? path : Files.Value.MakeFile(name + ".img");
    }
}
