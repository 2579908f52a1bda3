using System.Net;
using CsCheck;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Random configurations that are sound, small enough to be read when one fails.</summary>
internal static class ConfigurationGen
{
    private static readonly Gen<Nqn> HostName = Gen.Int[1, 4].Select(number => Nqn.Parse($"nqn.2026-11.com.example:host{number}"));

    private static readonly Gen<Nqn> SubsystemName = Gen.Int[1, 4].Select(number => Nqn.Parse($"nqn.2026-11.com.example:subsystem{number}"));

    private static readonly Gen<ConfigurationList<Nqn>> HostNames =
        HostName.Array[0, 4].Select(names => names.Distinct().ToConfigurationList());

    private static readonly Gen<long?> Limit = Gen.OneOf(Gen.Const((long?)null), Gen.Long[4096, 1L << 39].Select(value => (long?)value));

    private static readonly Gen<QualityOfServiceConfiguration?> QualityOfService = Gen.OneOf(
        Gen.Const((QualityOfServiceConfiguration?)null),
        Gen.Select(Limit, Limit, Limit, Limit).Select((reads, writes, bytes, total) => (QualityOfServiceConfiguration?)new QualityOfServiceConfiguration
        {
            ReadIops = reads,
            WriteIops = writes,
            ReadBytesPerSecond = bytes,
            TotalBytesPerSecond = total,
            BurstSeconds = reads is null ? null : 2.5,
        }));

    private static readonly Gen<HostConfiguration> Host = Gen.Select(HostName, Gen.Bool, QualityOfService).Select((name, isNarrow, limits) =>
        new HostConfiguration
        {
            Nqn = name,
            HostId = isNarrow ? new Guid(7, 0, 0, new byte[8]) : null,
            SourceNetworks = isNarrow ? [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")] : [],
            QualityOfService = limits,
            MaxControllers = isNarrow ? 4 : null,
            Unknown = isNarrow ? UnknownAttributes.None.With("_note", "\"kept\"") : UnknownAttributes.None,
        });

    private static readonly Gen<NamespaceConfiguration> Namespace = Gen.Select(Gen.UInt[1, 4], Gen.Int[0, 5], Gen.Int[0, 63], HostNames, QualityOfService)
        .Select((id, device, flags, hosts, limits) => new NamespaceConfiguration
        {
            Id = id,
            Device = device < 3 ? $"null:{device + 1}M" : $"mem:{device}M",
            IsEnabled = (flags & 1) == 0 || (flags & 2) == 0,
            IsReadOnly = (flags & 4) != 0 && (flags & 1) != 0,
            BlockSize = (flags & 8) != 0 ? 4096 : null,
            AnaGroup = (flags & 16) != 0 ? 2u : 1u,
            VisibleTo = (flags & 32) != 0 ? hosts : null,
            ReadOnlyFor = (flags & 32) == 0 ? hosts : [],
            QualityOfService = limits,
        });

    private static readonly Gen<SubsystemConfiguration> Subsystem =
        Gen.Select(SubsystemName, Namespace.Array[0, 4], Gen.Int[0, 15], HostNames, QualityOfService).Select((name, namespaces, flags, hosts, limits) =>
            new SubsystemConfiguration
            {
                Nqn = name,
                SerialNumber = (flags & 1) != 0 ? "SN-1" : null,
                ModelNumber = (flags & 2) != 0 && (flags & 1) != 0 ? "Model" : null,
                AllowAnyHost = (flags & 4) != 0,
                AllowedHosts = (flags & 4) != 0 ? [] : hosts,
                IsHidden = (flags & 8) != 0,
                DuplicateHosts = (flags & 8) != 0 ? DuplicateHostPolicy.Fence : DuplicateHostPolicy.Warn,
                Namespaces = namespaces.DistinctBy(each => each.Id).ToConfigurationList(),
                QualityOfService = limits,
            });

    /// <summary>Ports listen on free TCP ports of the loopback, one address each.</summary>
    public static readonly Gen<TargetConfiguration> Any =
        Gen.Select(Host.Array[0, 4], Subsystem.Array[0, 4], Gen.Int[0, 7], Gen.Int[0, 3]).Select((hosts, subsystems, flags, ports) =>
        {
            SubsystemConfiguration[] distinct = [.. subsystems.DistinctBy(each => each.Nqn)];
            return new TargetConfiguration
            {
                Hosts = hosts.DistinctBy(host => host.Nqn).ToConfigurationList(),
                Subsystems = distinct.ToConfigurationList(),
                Ports = Enumerable.Range(1, ports).Select(number => new PortConfiguration
                {
                    Id = (ushort)number,
                    Address = number == 3 ? "::1" : $"127.0.0.{number}",
                    AddressFamily = number == 3 ? PortAddressFamily.Ipv6 : PortAddressFamily.Ipv4,
                    ServiceId = 0,
                    Subsystems = distinct.Where((_, index) => (flags >> index & 1) == 0).Select(each => each.Nqn).ToConfigurationList(),
                    IsHiddenInDiscovery = (flags & 4) != 0,
                    AnaGroups = (flags & 1) != 0 ? [new AnaGroupConfiguration { Id = 2, State = AnaState.NonOptimized }] : [],
                    Referrals = (flags & 2) != 0 ? [new ReferralConfiguration { Name = "other", Address = "192.0.2.9" }] : [],
                }).ToConfigurationList(),
            };
        });
}
