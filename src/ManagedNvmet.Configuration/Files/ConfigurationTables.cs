using ManagedNvmet.Backends.Kinds;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Configuration;

/// <summary>The tables of a configuration file, one per kind of object. Names and groups are those that nvmetcli saves; what it
/// does not know stands in the group managed_nvmet of its object.</summary>
internal static class ConfigurationTables
{
    private const string Told = "connected hosts are told";
    private const string DiscoveryTold = "hosts that watch the discovery log are told";
    private const string NoLongerFit = "associations of the host that do not fit any more are ended";
    private const string NotAllowed = "associations of hosts that are not allowed any more are ended";
    private const string Reappears = "the namespace appears or goes; commands in flight come to their end";
    private const string Replaced = "the namespace goes and comes again; other namespaces are not touched";
    private const string Remade = "the subsystem is made anew: its hosts have to reconnect";
    private const string Reopened = "the port is opened anew: its connections are ended";
    private const string Secured = "a port that asks for a secure channel is not served: its connections are ended then";
    private const string NotExported = "associations through this port with a subsystem that is taken out are ended";
    private const string Own = ConfigurationJson.OwnGroup;

    public static readonly ObjectTable<QualityOfServiceConfiguration> QualityOfService =
        new("limit", () => new QualityOfServiceConfiguration(), null, null)
        {
            Attributes =
            [
                Value<QualityOfServiceConfiguration, long?>("", "read_iops", "Most read commands a second.", Iops,
                    x => x.ReadIops, (x, v) => x with { ReadIops = v }),
                Value<QualityOfServiceConfiguration, long?>("", "write_iops", "Most write commands a second.", Iops,
                    x => x.WriteIops, (x, v) => x with { WriteIops = v }),
                Value<QualityOfServiceConfiguration, long?>("", "total_iops", "Most commands a second, of both kinds.", Iops,
                    x => x.TotalIops, (x, v) => x with { TotalIops = v }),
                Value<QualityOfServiceConfiguration, long?>("", "read_bytes", "Most bytes read a second.", Bytes,
                    x => x.ReadBytesPerSecond, (x, v) => x with { ReadBytesPerSecond = v }),
                Value<QualityOfServiceConfiguration, long?>("", "write_bytes", "Most bytes written a second.", Bytes,
                    x => x.WriteBytesPerSecond, (x, v) => x with { WriteBytesPerSecond = v }),
                Value<QualityOfServiceConfiguration, long?>("", "total_bytes", "Most bytes a second, of both kinds.", Bytes,
                    x => x.TotalBytesPerSecond, (x, v) => x with { TotalBytesPerSecond = v }),
                Value<QualityOfServiceConfiguration, double?>("", "burst_seconds",
                    "Seconds of the limits that may be saved up and used at once; 0.1 when it is left out.",
                    Codecs.OptionalValue(Codecs.Number(0.001, 60.0)), x => x.BurstSeconds, (x, v) => x with { BurstSeconds = v }),
            ],
        };

    public static readonly ObjectTable<HostQualityOfServiceConfiguration> HostQualityOfService =
        new("limit of a host", () => new HostQualityOfServiceConfiguration { Nqn = Nqn.Discovery }, null, null)
        {
            Attributes =
            [
                Value<HostQualityOfServiceConfiguration, Nqn>("", "nqn", "Name of the host.", Codecs.Name,
                    x => x.Nqn, (x, v) => x with { Nqn = v }) with { IsRequired = true },
                new ObjectAttribute<HostQualityOfServiceConfiguration, QualityOfServiceConfiguration>("", "qos", "Its limits.",
                    QualityOfService, x => x.Limits, (x, v) => x with { Limits = v }),
            ],
        };

    public static readonly ObjectTable<HostConfiguration> Host =
        new("host", () => new HostConfiguration { Nqn = Nqn.Discovery }, x => x.Unknown, (x, v) => x with { Unknown = v })
        {
            Attributes =
            [
                Value<HostConfiguration, Nqn>("", "nqn", "Its name, as in /etc/nvme/hostnqn there.", Codecs.Name,
                    x => x.Nqn, (x, v) => x with { Nqn = v }) with { IsRequired = true },
                new SecretAttribute<HostConfiguration>("dhchap", "key", "Its key for authentication; it goes into the file of secrets.",
                    x => $"host {x.Nqn}", (x, v) => x with { KeyReference = v }),
                new SecretAttribute<HostConfiguration>("dhchap", "ctrl_key", "The controller's key; it goes into the file of secrets.",
                    x => $"controller for {x.Nqn}", (x, v) => x with { ControllerKeyReference = v }),
                new KeptAttribute<HostConfiguration>("dhchap", "hash", "Hash function of the authentication."),
                new KeptAttribute<HostConfiguration>("dhchap", "dhgroup", "Diffie-Hellman group of the authentication."),
                Value<HostConfiguration, Guid?>(Own, "host_id", "The host identifier that it has to connect with; any when it is left out.",
                    Codecs.Uuid, x => x.HostId, (x, v) => x with { HostId = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = NoLongerFit },
                Value<HostConfiguration, ConfigurationList<System.Net.IPNetwork>>(Own, "source_networks",
                    "The networks that it may connect from; any when it is left out.",
                    Codecs.UnlessDefault(Codecs.Networks, []), x => x.SourceNetworks, (x, v) => x with { SourceNetworks = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = NoLongerFit },
                Value<HostConfiguration, string?>(Own, "key", "Name of its key in the file of secrets.", Codecs.Optional(Codecs.Text),
                    x => x.KeyReference, (x, v) => x with { KeyReference = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = NoLongerFit },
                Value<HostConfiguration, string?>(Own, "controller_key", "Name of the controller's key in the file of secrets.",
                    Codecs.Optional(Codecs.Text), x => x.ControllerKeyReference, (x, v) => x with { ControllerKeyReference = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = NoLongerFit },
                new ObjectAttribute<HostConfiguration, QualityOfServiceConfiguration>(Own, "qos",
                    "Limits of this host on all its namespaces together.", QualityOfService, x => x.QualityOfService,
                    (x, v) => x with { QualityOfService = v }),
                Value<HostConfiguration, int?>(Own, "max_controllers", "Most controllers at a time over all subsystems.", Count(1_000_000),
                    x => x.MaxControllers, (x, v) => x with { MaxControllers = v }),
                Value<HostConfiguration, int?>(Own, "max_queues", "Most I/O queues at a time, each of which is a connection.",
                    Count(1_000_000), x => x.MaxQueues, (x, v) => x with { MaxQueues = v }),
            ],
        };

    public static readonly ObjectTable<NamespaceConfiguration> Namespace =
        new("namespace", () => new NamespaceConfiguration { Id = 0, Device = "" }, x => x.Unknown, (x, v) => x with { Unknown = v })
        {
            Attributes =
            [
                Value<NamespaceConfiguration, uint>("", "nsid", "Its number, from 1.", Codecs.Number(1u, NamespaceIds.Highest),
                    x => x.Id, (x, v) => x with { Id = v }) with { IsRequired = true },
                Value<NamespaceConfiguration, bool>("", "enable", "1 when it is served.", Codecs.FlagNumber,
                    x => x.IsEnabled, (x, v) => x with { IsEnabled = v })
                    with { Impact = ChangeImpact.Namespace, ImpactText = Reappears },
                Value<NamespaceConfiguration, uint>("ana", "grpid", "Its ANA group, as newer versions of nvmetcli save it.",
                    Codecs.NumberText(1u, MaxAnaGroup), x => x.AnaGroup, (x, v) => x with { AnaGroup = v }),
                Value<NamespaceConfiguration, uint>("", "ana_grpid", "Its ANA group.", Codecs.Number(0u, MaxAnaGroup),
                    x => x.AnaGroup, (x, v) => v == 0 ? x : x with { AnaGroup = v })
                    with { Impact = ChangeImpact.Event, ImpactText = Told },
                Value<NamespaceConfiguration, string>("device", "path",
                    $"The disk: {BackendKinds.Default.Forms}; a path leads to a block device or file, null keeps nothing.", Codecs.Text,
                    x => x.Device, (x, v) => x with { Device = v }) with
                {
                    IsRequired = true,
                    Impact = ChangeImpact.Namespace,
                    ImpactText = Replaced,
                    RebuildsObject = true,
                },
                Value<NamespaceConfiguration, Guid?>("device", "uuid", "Its UUID; made once and kept when it is left out.", Codecs.Uuid,
                    x => x.Uuid, (x, v) => x with { Uuid = v })
                    with { Impact = ChangeImpact.Namespace, ImpactText = Replaced, RebuildsObject = true },
                Value<NamespaceConfiguration, UInt128?>("device", "nguid", "Its NGUID; made once and kept when it is left out or zero.",
                    Codecs.Nguid, x => x.Nguid, (x, v) => x with { Nguid = v })
                    with { Impact = ChangeImpact.Namespace, ImpactText = Replaced, RebuildsObject = true },
                new KeptAttribute<NamespaceConfiguration>("device", "p2pmem", "Peer-to-peer memory."),
                Value<NamespaceConfiguration, ulong?>(Own, "eui64", "Its EUI-64; made once and kept when it is left out.", Codecs.Eui64,
                    x => x.Eui64, (x, v) => x with { Eui64 = v })
                    with { Impact = ChangeImpact.Namespace, ImpactText = Replaced, RebuildsObject = true },
                Value<NamespaceConfiguration, bool>(Own, "read_only", "No host may change it.", Codecs.OwnFlag,
                    x => x.IsReadOnly, (x, v) => x with { IsReadOnly = v })
                    with { Impact = ChangeImpact.Namespace, ImpactText = Replaced, RebuildsObject = true },
                Value<NamespaceConfiguration, int?>(Own, "block_size", "Bytes of a logical block of a file or of memory.",
                    Codecs.OptionalValue(Codecs.Choice(("512", 512), ("1024", 1024), ("2048", 2048), ("4096", 4096))) with
                    {
                        Expected = "512, 1024, 2048 or 4096",
                        Write = v => v,
                        Schema = () => new() { ["enum"] = new System.Text.Json.Nodes.JsonArray(512, 1024, 2048, 4096) },
                    },
                    x => x.BlockSize, (x, v) => x with { BlockSize = v })
                    with { Impact = ChangeImpact.Namespace, ImpactText = Replaced, RebuildsObject = true },
                Value<NamespaceConfiguration, bool>(Own, "buffered", "Go through the page cache, even where direct I/O works.",
                    Codecs.OwnFlag, x => x.IsBuffered, (x, v) => x with { IsBuffered = v })
                    with { Impact = ChangeImpact.Namespace, ImpactText = Replaced, RebuildsObject = true },
                Value<NamespaceConfiguration, bool>(Own, "force", "Serve the device although something else uses it.",
                    Codecs.OwnFlag, x => x.IsForced, (x, v) => x with { IsForced = v })
                    with { Impact = ChangeImpact.Namespace, ImpactText = Replaced, RebuildsObject = true },
                Value<NamespaceConfiguration, ulong?>(Own, "create", "Size of the sparse file to make when there is none.", Codecs.Size,
                    x => x.CreateBytes, (x, v) => x with { CreateBytes = v }),
                Value<NamespaceConfiguration, ConfigurationList<Nqn>?>(Own, "visible_to",
                    "The hosts that see it; all hosts of the subsystem when it is left out.", Codecs.Optional(Codecs.Names),
                    x => x.VisibleTo, (x, v) => x with { VisibleTo = v })
                    with { Impact = ChangeImpact.Event, ImpactText = Told },
                Value<NamespaceConfiguration, ConfigurationList<Nqn>>(Own, "read_only_for", "The hosts that may not change it.",
                    Codecs.UnlessDefault(Codecs.Names, []), x => x.ReadOnlyFor, (x, v) => x with { ReadOnlyFor = v })
                    with { Impact = ChangeImpact.Event, ImpactText = Told },
                new ObjectAttribute<NamespaceConfiguration, QualityOfServiceConfiguration>(Own, "qos", "Limits of all hosts together.",
                    QualityOfService, x => x.QualityOfService, (x, v) => x with { QualityOfService = v }),
                new ListAttribute<NamespaceConfiguration, HostQualityOfServiceConfiguration>(Own, "qos_by_host",
                    "Limits of single hosts on this namespace.", HostQualityOfService,
                    x => x.HostQualityOfService, (x, v) => x with { HostQualityOfService = v }),
            ],
        };

    public static readonly ObjectTable<SubsystemConfiguration> Subsystem =
        new("subsystem", () => new SubsystemConfiguration { Nqn = Nqn.Discovery }, x => x.Unknown, (x, v) => x with { Unknown = v })
        {
            Attributes =
            [
                Value<SubsystemConfiguration, Nqn>("", "nqn", "Its name.", Codecs.Name,
                    x => x.Nqn, (x, v) => x with { Nqn = v }) with { IsRequired = true },
                Value<SubsystemConfiguration, bool>("attr", "allow_any_host", "Every host may connect.",
                    Codecs.FlagText, x => x.AllowAnyHost, (x, v) => x with { AllowAnyHost = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = NotAllowed },
                Value<SubsystemConfiguration, string?>("attr", "serial", "Serial number; made once and kept when it is left out.",
                    Codecs.Optional(Codecs.PrintableText(20)), x => x.SerialNumber, (x, v) => x with { SerialNumber = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = Remade, RebuildsObject = true },
                Value<SubsystemConfiguration, string?>("attr", "model", "Model number; ManagedNvmet when it is left out.",
                    Codecs.Optional(Codecs.PrintableText(40)), x => x.ModelNumber, (x, v) => x with { ModelNumber = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = Remade, RebuildsObject = true },
                Value<SubsystemConfiguration, string?>("attr", "firmware", "Firmware revision.",
                    Codecs.Optional(Codecs.PrintableText(8)), x => x.FirmwareRevision, (x, v) => x with { FirmwareRevision = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = Remade, RebuildsObject = true },
                Value<SubsystemConfiguration, ushort>("attr", "cntlid_min", "Lowest controller identifier.",
                    Codecs.NumberText<ushort>(1, MaxControllerId), x => x.ControllerIdMin, (x, v) => x with { ControllerIdMin = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = Remade, RebuildsObject = true },
                Value<SubsystemConfiguration, ushort>("attr", "cntlid_max", "Highest controller identifier.",
                    Codecs.NumberText<ushort>(1, MaxControllerId), x => x.ControllerIdMax, (x, v) => x with { ControllerIdMax = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = Remade, RebuildsObject = true },
                Value<SubsystemConfiguration, int?>("attr", "qid_max", "Most I/O queues of a controller.",
                    Codecs.OptionalValue(Codecs.NumberText(1, 65_534)), x => x.MaxQueues, (x, v) => x with { MaxQueues = v }),
                new KeptAttribute<SubsystemConfiguration>("attr", "ieee_oui", "IEEE number of the vendor."),
                new KeptAttribute<SubsystemConfiguration>("attr", "pi_enable", "Protection information."),
                new KeptAttribute<SubsystemConfiguration>("attr", "version", "Version of the specification that is reported."),
                Value<SubsystemConfiguration, ConfigurationList<Nqn>>("", "allowed_hosts", "The hosts that may connect.", Codecs.Names,
                    x => x.AllowedHosts, (x, v) => x with { AllowedHosts = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = NotAllowed },
                new ListAttribute<SubsystemConfiguration, NamespaceConfiguration>("", "namespaces", "The disks.", Namespace,
                    x => x.Namespaces, (x, v) => x with { Namespaces = v }),
                Value<SubsystemConfiguration, int?>(Own, "max_controllers", "Most controllers at a time.", Count(MaxControllerId),
                    x => x.MaxControllers, (x, v) => x with { MaxControllers = v }),
                new ObjectAttribute<SubsystemConfiguration, QualityOfServiceConfiguration>(Own, "qos",
                    "Limits of each namespace that has none of its own.", QualityOfService,
                    x => x.QualityOfService, (x, v) => x with { QualityOfService = v }),
                Value<SubsystemConfiguration, bool>(Own, "hidden", "No discovery log page tells of it.", Codecs.OwnFlag,
                    x => x.IsHidden, (x, v) => x with { IsHidden = v })
                    with { Impact = ChangeImpact.Event, ImpactText = DiscoveryTold },
                Value<SubsystemConfiguration, DuplicateHostPolicy>(Own, "duplicate_hosts",
                    "What happens when two machines connect with one host name.",
                    Codecs.UnlessDefault(
                        Codecs.Choice(
                            ("allow", DuplicateHostPolicy.Allow), ("warn", DuplicateHostPolicy.Warn), ("fence", DuplicateHostPolicy.Fence)),
                        DuplicateHostPolicy.Warn),
                    x => x.DuplicateHosts, (x, v) => x with { DuplicateHosts = v }),
            ],
        };

    public static readonly ObjectTable<AnaGroupConfiguration> AnaGroup =
        new("ANA group", () => new AnaGroupConfiguration { Id = 0 }, x => x.Unknown, (x, v) => x with { Unknown = v })
        {
            Attributes =
            [
                Value<AnaGroupConfiguration, uint>("", "grpid", "Its number.", Codecs.Number(1u, MaxAnaGroup),
                    x => x.Id, (x, v) => x with { Id = v }) with { IsRequired = true },
                Value<AnaGroupConfiguration, AnaState>("ana", "state", "Its state on this port.",
                    Codecs.Choice(
                        ("optimized", AnaState.Optimized), ("non-optimized", AnaState.NonOptimized),
                        ("inaccessible", AnaState.Inaccessible), ("persistent-loss", AnaState.PersistentLoss),
                        ("change", AnaState.Change)),
                    x => x.State, (x, v) => x with { State = v })
                    with { Impact = ChangeImpact.Event, ImpactText = Told },
            ],
        };

    public static readonly ObjectTable<ReferralConfiguration> Referral =
        new("referral", () => new ReferralConfiguration { Name = "", Address = "" }, x => x.Unknown, (x, v) => x with { Unknown = v })
        {
            IsLenient = IsOtherTransport,
            Attributes =
            [
                Value<ReferralConfiguration, string>("", "name", "Its name.", Codecs.Text,
                    x => x.Name, (x, v) => x with { Name = v }) with { IsRequired = true },
                Value<ReferralConfiguration, bool>("", "enable", "1 when hosts are told of it.", Codecs.FlagNumber,
                    x => x.IsEnabled, (x, v) => x with { IsEnabled = v }),
                Value<ReferralConfiguration, string>("addr", "trtype", "Transport: \"tcp\".", Codecs.Text,
                    x => x.TransportType, (x, v) => x with { TransportType = v }),
                Value<ReferralConfiguration, string>("addr", "traddr", "Address of the other discovery service.", Codecs.Text,
                    x => x.Address, (x, v) => x with { Address = v, AddressFamily = FamilyOf(v) }) with { IsRequired = true },
                Value<ReferralConfiguration, PortAddressFamily>("addr", "adrfam", "Family of the address; what the address looks like "
                    + "when it is left out.",
                    Family, x => x.AddressFamily, (x, v) => x with { AddressFamily = v }) with { HasDefault = false },
                Value<ReferralConfiguration, int>("addr", "trsvcid", "TCP port.", Codecs.NumberText(0, 65_535),
                    x => x.ServiceId, (x, v) => x with { ServiceId = v }),
                Value<ReferralConfiguration, ushort>("addr", "portid", "Port identifier over there.",
                    Codecs.NumberText<ushort>(0, 65_535), x => x.PortId, (x, v) => x with { PortId = v }),
                Value<ReferralConfiguration, TransportRequirement>("addr", "treq", "Whether a secure channel has to be used there.",
                    Requirement, x => x.TransportRequirement, (x, v) => x with { TransportRequirement = v }),
            ],
        };

    public static readonly ObjectTable<PortConfiguration> Port =
        new("port", () => new PortConfiguration { Id = 0, Address = "" }, x => x.Unknown, (x, v) => x with { Unknown = v })
        {
            IsLenient = IsOtherTransport,
            Attributes =
            [
                Value<PortConfiguration, ushort>("", "portid", "Its number.", Codecs.Number<ushort>(0, 65_535),
                    x => x.Id, (x, v) => x with { Id = v }) with { IsRequired = true },
                Value<PortConfiguration, string>("addr", "trtype", "Transport: \"tcp\". A port of another one is kept and not served.",
                    AnyText, x => x.TransportType, (x, v) => x with { TransportType = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = Reopened, RebuildsObject = true },
                Value<PortConfiguration, string>("addr", "traddr", "Address to listen on; 0.0.0.0 or :: for all.",
                    AnyText, x => x.Address,
                    (x, v) => x with { Address = v, AddressFamily = FamilyOf(v) }) with
                {
                    IsRequired = true,
                    Impact = ChangeImpact.Sessions,
                    ImpactText = Reopened,
                    RebuildsObject = true,
                },
                Value<PortConfiguration, PortAddressFamily>("addr", "adrfam", "Family of the address; what the address looks like when it "
                    + "is left out.",
                    Family, x => x.AddressFamily, (x, v) => x with { AddressFamily = v })
                    with { HasDefault = false, Impact = ChangeImpact.Sessions, ImpactText = Reopened, RebuildsObject = true },
                Value<PortConfiguration, int>("addr", "trsvcid", "TCP port; 0 for a free one.",
                    Codecs.NumberText(0, 65_535), x => x.ServiceId, (x, v) => x with { ServiceId = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = Reopened, RebuildsObject = true },
                Value<PortConfiguration, TransportRequirement>("addr", "treq", "Whether hosts have to use a secure channel.", Requirement,
                    x => x.TransportRequirement, (x, v) => x with { TransportRequirement = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = Secured },
                Value<PortConfiguration, TransportSecurity>("addr", "tsas", "The secure channel: \"none\" or \"tls1.3\".",
                    Codecs.Choice(("none", TransportSecurity.None), ("tls1.3", TransportSecurity.Tls13)),
                    x => x.TransportSecurity, (x, v) => x with { TransportSecurity = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = Secured },
                Value<PortConfiguration, int?>("param", "inline_data_size",
                    "Most bytes of data in a command capsule on the target that saved the file; the server's own limit holds here.",
                    InlineSize,
                    x => x.MaxInlineDataBytes, (x, v) => x with { MaxInlineDataBytes = v }),
                new KeptAttribute<PortConfiguration>("param", "pi_enable", "Protection information."),
                new KeptAttribute<PortConfiguration>("param", "max_queue_size", "Most entries of a queue."),
                new KeptAttribute<PortConfiguration>("param", "mdts", "Largest transfer."),
                Value<PortConfiguration, ConfigurationList<Nqn>>("", "subsystems", "The subsystems that are reached here.", Codecs.Names,
                    x => x.Subsystems, (x, v) => x with { Subsystems = v })
                    with { Impact = ChangeImpact.Sessions, ImpactText = NotExported },
                new ListAttribute<PortConfiguration, ReferralConfiguration>("", "referrals",
                    "Other discovery services that hosts here are told of.", Referral,
                    x => x.Referrals, (x, v) => x with { Referrals = v }),
                new ListAttribute<PortConfiguration, AnaGroupConfiguration>("", "ana_groups",
                    "States of ANA groups; a group that does not stand here is optimized.", AnaGroup,
                    x => x.AnaGroups, (x, v) => x with { AnaGroups = v }),
                Value<PortConfiguration, bool>(Own, "hidden", "Hosts that reach another port are not told of this one.", Codecs.OwnFlag,
                    x => x.IsHiddenInDiscovery, (x, v) => x with { IsHiddenInDiscovery = v })
                    with { Impact = ChangeImpact.Event, ImpactText = DiscoveryTold },
                Value<PortConfiguration, int?>(Own, "max_connections", "Most connections at a time on this port.", Count(1_000_000),
                    x => x.MaxConnections, (x, v) => x with { MaxConnections = v }),
                Value<PortConfiguration, int?>(Own, "max_controllers", "Most controllers at a time that came through this port.",
                    Count(1_000_000), x => x.MaxControllers, (x, v) => x with { MaxControllers = v }),
            ],
        };

    public static readonly ObjectTable<TargetConfiguration> Target =
        new("configuration", () => TargetConfiguration.Empty, x => x.Unknown, (x, v) => x with { Unknown = v })
        {
            Attributes =
            [
                new ListAttribute<TargetConfiguration, HostConfiguration>("", "hosts", "Hosts that subsystems may name.", Host,
                    x => x.Hosts, (x, v) => x with { Hosts = v }),
                new ListAttribute<TargetConfiguration, PortConfiguration>("", "ports", "Addresses that hosts reach subsystems by.", Port,
                    x => x.Ports, (x, v) => x with { Ports = v }),
                new ListAttribute<TargetConfiguration, SubsystemConfiguration>("", "subsystems", "Subsystems with their disks.", Subsystem,
                    x => x.Subsystems, (x, v) => x with { Subsystems = v }),
            ],
        };

    /// <summary>ANA groups of the kernel's target end here too.</summary>
    public const uint MaxAnaGroup = 128;

    public const ushort MaxControllerId = 0xFFEF;

    private const long MinBytesPerSecond = 4096;

    private static ValueCodec<long?> Iops => Codecs.OptionalValue(Codecs.Number(1L, 1_000_000_000_000L));

    private static ValueCodec<long?> Bytes => Codecs.OptionalValue(new ValueCodec<long>(
        $"a number of bytes a second from {MinBytesPerSecond}, or a size such as 100M",
        static (JsonTree value, out long result) =>
        {
            bool isRead = Codecs.Size.Read(value, out ulong? bytes);
            result = isRead ? (long)bytes!.Value : 0;
            return isRead && result >= MinBytesPerSecond;
        },
        static value => value,
        Codecs.Size.Schema)
    {
        IsValid = static value => value >= MinBytesPerSecond,
    });

    // Ports of other transports are kept, so that the schema takes their families too.
    private static ValueCodec<PortAddressFamily> Family =>
        Codecs.Choice(("ipv4", PortAddressFamily.Ipv4), ("ipv6", PortAddressFamily.Ipv6)) with
        {
            Schema = static () => new() { ["enum"] = new System.Text.Json.Nodes.JsonArray("ipv4", "ipv6", "ib", "fc", "pcie", "loop", "") },
        };

    private static ValueCodec<TransportRequirement> Requirement => Codecs.Choice(
        ("not specified", TransportRequirement.NotSpecified), ("required", TransportRequirement.Required),
        ("not required", TransportRequirement.NotRequired));

    // The kernel writes -1 where its own default holds.
    private static ValueCodec<int?> InlineSize => new(
        "a number of bytes from 512 to 1048576",
        static (JsonTree value, out int? result) =>
        {
            bool isRead = int.TryParse(value.Text, System.Globalization.CultureInfo.InvariantCulture, out int bytes);
            result = bytes <= 0 ? null : bytes;
            return isRead && (bytes <= 0 || bytes is >= 512 and <= 1_048_576);
        },
        static value => value?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        static () => new() { ["type"] = Codecs.Types("string", "integer") })
    {
        IsValid = static value => value is null or (>= 512 and <= 1_048_576),
    };

    private static ValueCodec<int?> Count(int max) => Codecs.OptionalValue(Codecs.Number(1, max));

    private static ValueAttribute<TRecord, TValue> Value<TRecord, TValue>(
        string group,
        string name,
        string description,
        ValueCodec<TValue> codec,
        Func<TRecord, TValue> get,
        Func<TRecord, TValue, TRecord> set)
        where TRecord : class => new(group, name, description, codec, get, set);

    // A port of the loop transport has an empty address, and one that nvmetcli made and nobody finished has no transport either.
    private static ValueCodec<string> AnyText =>
        Codecs.Text with
        {
            Read = ReadAnyText,
            Schema = static () => new() { ["type"] = "string" },
            IsValid = static _ => true,
        };

    private static bool ReadAnyText(JsonTree value, out string result)
    {
        result = value.Text;
        return value.Kind == System.Text.Json.JsonValueKind.String;
    }

    private static PortAddressFamily FamilyOf(string address) =>
        address.Contains(':', StringComparison.Ordinal) ? PortAddressFamily.Ipv6 : PortAddressFamily.Ipv4;

    // Such a port or referral is not served, so values that this server does not understand are kept.
    private static bool IsOtherTransport(JsonTree tree) => tree.Find("addr") is { } address
        && ((address.Find("trtype") is { } type && !type.Text.Equals("tcp", StringComparison.OrdinalIgnoreCase))
            || address.Find("traddr") is { Kind: System.Text.Json.JsonValueKind.String, Text: "" });
}
