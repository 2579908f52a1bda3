using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Backends;

namespace ManagedNvmet.Configuration;

/// <summary>Checks what a single value cannot show: names that refer to each other, numbers and identities that must not stand
/// twice.</summary>
internal sealed class ConfigurationValidator
{
    private readonly TargetConfiguration _configuration;
    private readonly ConfigurationRules _rules;
    private readonly ReadContext _context;
    private readonly Dictionary<string, string> _identities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Owner, bool IsShared)> _devices = new(StringComparer.Ordinal);
    private readonly HashSet<Nqn> _hosts = [];
    private readonly HashSet<Nqn> _subsystems = [];
    private int _suggestionCount;

    private ConfigurationValidator(TargetConfiguration configuration, ConfigurationRules rules, ReadContext context)
    {
        _configuration = configuration;
        _rules = rules;
        _context = context;
    }

    /// <summary>Adds what is wrong to the problems of the context.</summary>
    public static void Check(TargetConfiguration configuration, ConfigurationRules rules, ReadContext context)
    {
        var validator = new ConfigurationValidator(configuration, rules, context);
        validator.CheckHosts();
        validator.CheckSubsystems();
        validator.CheckPorts();
    }

    private void CheckHosts()
    {
        for (int index = 0; index < _configuration.Hosts.Count; index++)
        {
            HostConfiguration host = _configuration.Hosts[index];
            Place at = new(this, host, $"$.hosts[{index}]");
            CheckAttributes(at, ConfigurationTables.Host, host);
            CheckName(at, host.Nqn);
            if (!_hosts.Add(host.Nqn))
                at.Error("nqn", $"there is a host {host.Nqn} already.", "Put both together.");
            CheckLimits(at, host.QualityOfService);
            if (host.KeyReference is not null || host.ControllerKeyReference is not null)
            {
                at.Warning(host.KeyReference is null ? "dhchap.ctrl_key" : "dhchap.key",
                    $"host {host.Nqn} has a key, and this version cannot authenticate: the host is refused where it is named as allowed.",
                    "Remove the key to let it in without authentication.");
            }
        }
    }

    private void CheckSubsystems()
    {
        var bySpelling = new Dictionary<string, Nqn>(StringComparer.OrdinalIgnoreCase);
        foreach (Nqn host in _hosts)
            bySpelling.TryAdd(host.Text.Trim(), host);
        for (int index = 0; index < _configuration.Subsystems.Count; index++)
        {
            SubsystemConfiguration subsystem = _configuration.Subsystems[index];
            string path = $"$.subsystems[{index}]";
            Place at = new(this, subsystem, path);
            CheckAttributes(at, ConfigurationTables.Subsystem, subsystem);
            CheckName(at, subsystem.Nqn);
            if (subsystem.Nqn.Equals(Nqn.Discovery))
                at.Error("nqn", $"{Nqn.Discovery} is the name of every discovery subsystem.", "Choose another name for yours.");
            if (!_subsystems.Add(subsystem.Nqn))
                at.Error("nqn", $"there is a subsystem {subsystem.Nqn} already.", "Put their namespaces into one.");
            if (subsystem.ControllerIdMin > subsystem.ControllerIdMax)
            {
                at.Error("attr.cntlid_min", $"it is {subsystem.ControllerIdMin}, above cntlid_max, which is {subsystem.ControllerIdMax}.",
                    "Exchange them.");
            }
            if (subsystem.AllowAnyHost && subsystem.AllowedHosts.Count != 0)
            {
                at.Warning("attr.allow_any_host", "every host may connect, so that allowed_hosts has no effect.",
                    "Set allow_any_host to 0 to let in only those that are named.");
            }
            foreach (Nqn host in subsystem.AllowedHosts)
            {
                // A host needs no entry. One that differs in capitals only is probably a typing error that locks it out.
                if (!_hosts.Contains(host) && bySpelling.TryGetValue(host.Text.Trim(), out Nqn? nearest))
                    at.Warning("allowed_hosts", $"{host} is not among the hosts.", $"Did you mean {nearest}?");
            }
            CheckLimits(at, subsystem.QualityOfService);
            CheckNamespaces(subsystem, path);
        }
    }

    private void CheckNamespaces(SubsystemConfiguration subsystem, string path)
    {
        var ids = new HashSet<uint>();
        var allowed = new HashSet<Nqn>(subsystem.AllowedHosts);
        for (int index = 0; index < subsystem.Namespaces.Count; index++)
        {
            NamespaceConfiguration each = subsystem.Namespaces[index];
            Place at = new(this, each, $"{path}.namespaces[{index}]");
            string name = $"namespace {each.Id} of {subsystem.Nqn}";
            CheckAttributes(at, ConfigurationTables.Namespace, each);
            if (each.Id > _rules.MaxNamespaceId)
                at.Error(
                    "nsid",
                    $"it is {each.Id}, expected 1 to {_rules.MaxNamespaceId}.",
                    "Choose a lower number, or raise the server's limit.");
            if (!ids.Add(each.Id))
                at.Error("nsid", $"{subsystem.Nqn} has a namespace {each.Id} already.", "Choose another number.");
            if (each.AnaGroup > _rules.MaxAnaGroup)
                at.Error("ana_grpid", $"it is {each.AnaGroup}, expected 1 to {_rules.MaxAnaGroup}.");
            CheckUnique(at, "device.uuid", "UUID", each.Uuid?.ToString(), name);
            CheckUnique(at, "device.nguid", "NGUID", each.Nguid?.ToString("x32", null), name);
            CheckUnique(at, "managed_nvmet.eui64", "EUI-64", each.Eui64?.ToString("x16", null), name);
            CheckDevice(at, each, name);
            CheckLimits(at, each.QualityOfService);
            foreach (HostQualityOfServiceConfiguration limits in each.HostQualityOfService)
                CheckLimits(at, limits.Limits);
            if (each.HostQualityOfService.Select(limits => limits.Nqn).Distinct().Count() != each.HostQualityOfService.Count)
                at.Error("managed_nvmet.qos_by_host", "one host stands there twice.", "Put its limits together.");
            foreach (Nqn host in (IEnumerable<Nqn>?)each.VisibleTo ?? [])
            {
                if (!subsystem.AllowAnyHost && !allowed.Contains(host))
                    at.Warning("managed_nvmet.visible_to", $"{host} may not connect to {subsystem.Nqn}.", "Add it to allowed_hosts.");
            }
        }
    }

    private void CheckDevice(Place at, NamespaceConfiguration each, string name)
    {
        if (DeviceSpecification.IsOwn(each.Device, out string? own))
        {
            if (!_rules.OwnDevices.Contains(own))
                at.Error("device.path", $"the program brings no device \"{own}\" along.", $"Expected {_rules.Backends.Forms}.");
            return;
        }
        NamespaceSpec spec;
        try
        {
            spec = DeviceSpecification.ToSpec(each, _rules.Backends);
        }
        catch (BackendException exception)
        {
            at.Error("device.path", exception.Message);
            return;
        }
        if (spec.FirstOptionNotTaken() is { } option)
            at.Error(
                "device.path", $"\"{each.Device}\" is {spec.Kind.Form}, which does not take the option {option}.", "Leave the option out.");
        if (!each.IsEnabled || !spec.Kind.NamesDisk)
            return;
        string path = spec.Kind.NameOf(spec);
        bool isShared = each.IsReadOnly || each.IsForced;
        if (_devices.TryGetValue(path, out (string Owner, bool IsShared) other))
        {
            if (!isShared || !other.IsShared)
            {
                at.Error("device.path", $"{each.Device} of {name} is served by {other.Owner} already.",
                    "Serve it once, or set force or read_only for both.");
            }
            return;
        }
        _devices.Add(path, (name, isShared));
    }

    private void CheckPorts()
    {
        var ids = new HashSet<ushort>();
        var endPoints = new List<(IPEndPoint EndPoint, ushort Id)>();
        for (int index = 0; index < _configuration.Ports.Count; index++)
        {
            PortConfiguration port = _configuration.Ports[index];
            Place at = new(this, port, $"$.ports[{index}]");
            CheckAttributes(at, ConfigurationTables.Port, port);
            if (!ids.Add(port.Id))
                at.Error("portid", $"there is a port {port.Id} already.", "Choose another number.");
            foreach (Nqn subsystem in port.Subsystems)
            {
                if (!_subsystems.Contains(subsystem))
                {
                    at.Error("subsystems", $"there is no subsystem {subsystem}.", SuggestSubsystem(subsystem));
                }
            }
            CheckTransport(at, port, endPoints);
            CheckReferrals(port, $"$.ports[{index}]");
            var groups = new HashSet<uint>();
            foreach (AnaGroupConfiguration group in port.AnaGroups)
            {
                if (group.Id == 0 || group.Id > _rules.MaxAnaGroup || !groups.Add(group.Id))
                    at.Error("ana_groups", $"ANA group {group.Id} stands twice, or is not 1 to {_rules.MaxAnaGroup}.");
            }
        }
    }

    // A suggestion compares with every name, so their number is limited: a file with many errors would take minutes.
    private string? SuggestSubsystem(Nqn wrong)
    {
        const int MaxSuggestions = 20;
        if (_subsystems.Count == 0 || _suggestionCount++ >= MaxSuggestions)
            return null;
        return Suggestion.Nearest(wrong.Text, [.. _subsystems.Select(each => each.Text)]) is { } nearest
            ? $"Did you mean {nearest}?"
            : null;
    }

    private void CheckTransport(Place at, PortConfiguration port, List<(IPEndPoint EndPoint, ushort Id)> endPoints)
    {
        if (PortAddress.IsUnfinished(port))
        {
            at.Warning(
                "addr.traddr", $"port {port.Id} has no address yet; it is kept and not served.", "Give it an address, or remove it.");
            return;
        }
        if (!PortAddress.IsTcp(port))
        {
            at.Warning(
                "addr.trtype", $"port {port.Id} uses \"{port.TransportType}\"; it is kept and not served.", "This target serves \"tcp\".");
            return;
        }
        if (!PortAddress.TryParse(port.Address, port.ServiceId, out IPEndPoint? endPoint))
        {
            if (port.ServiceId is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort)
                at.Error("addr.traddr", $"\"{port.Address}\" is no IP address.", "Expected such as 192.0.2.7, 0.0.0.0, 2001:db8::7 or ::.");
            return;
        }
        PortAddressFamily family = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? PortAddressFamily.Ipv6 : PortAddressFamily.Ipv4;
        if (family != port.AddressFamily)
        {
            at.Error("addr.adrfam", $"it does not fit the address {port.Address}.",
                $"Expected \"{(family == PortAddressFamily.Ipv6 ? "ipv6" : "ipv4")}\".");
        }
        if (endPoint.Address.IsIPv6LinkLocal && !port.Address.Contains('%', StringComparison.Ordinal))
            at.Error("addr.traddr", $"{port.Address} is link-local and needs an interface.", $"Expected such as {port.Address}%eth0.");
        if (port.TransportSecurity == TransportSecurity.Tls13 || port.TransportRequirement == TransportRequirement.Required)
        {
            at.Warning(port.TransportSecurity == TransportSecurity.Tls13 ? "addr.tsas" : "addr.treq",
                $"port {port.Id} asks for a secure channel, and this version has none: the port is not served.",
                "Set treq to \"not specified\" and tsas to \"none\" to serve it in clear text.");
            return;
        }
        foreach ((IPEndPoint other, ushort otherId) in endPoints)
        {
            if (PortAddress.Overlap(endPoint, other))
                at.Error(
                    "addr.traddr", $"{endPoint} of port {port.Id} meets {other} of port {otherId}.", "Choose another address or TCP port.");
        }
        endPoints.Add((endPoint, port.Id));
    }

    private void CheckReferrals(PortConfiguration port, string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int index = 0; index < port.Referrals.Count; index++)
        {
            ReferralConfiguration referral = port.Referrals[index];
            Place at = new(this, referral, $"{path}.referrals[{index}]");
            CheckAttributes(at, ConfigurationTables.Referral, referral);
            if (!names.Add(referral.Name))
                at.Error("name", $"port {port.Id} has a referral \"{referral.Name}\" already.", "Choose another name.");
            if (referral.TransportType == "tcp" && !PortAddress.TryParse(referral.Address, referral.ServiceId, out _))
                at.Error("addr.traddr", $"\"{referral.Address}\" is no IP address.", "Expected such as 192.0.2.7 or 2001:db8::7.");
        }
    }

    // A program can make values that no file can hold.
    private static void CheckAttributes<T>(Place at, ObjectTable<T> table, T record, string prefix = "")
        where T : class
    {
        foreach (AttributeDefinition<T> attribute in table.Invalid(record))
        {
            string found = attribute.Write(record)?.ToJsonString() ?? "empty";
            at.Error(prefix + attribute.Place, $"it is {found}, expected {attribute.Expected}.");
        }
    }

    private static void CheckName(Place at, Nqn name)
    {
        if (!name.HasStandardForm)
        {
            at.Warning("nqn", $"{name} has not the form of an NVMe Qualified Name; some hosts refuse it.",
                "Expected nqn.YYYY-MM.REVERSE-DOMAIN:NAME, such as nqn.2026-11.com.example:disk1.");
        }
    }

    private static void CheckLimits(Place at, QualityOfServiceConfiguration? limits)
    {
        if (limits is not null)
            CheckAttributes(at, ConfigurationTables.QualityOfService, limits, "managed_nvmet.qos.");
        if (limits is { TotalIops: { } total } && (limits.ReadIops > total || limits.WriteIops > total))
            at.Warning("managed_nvmet.qos", "a limit of reads or writes is above the one of both together, and has no effect.");
        if (limits is { TotalBytesPerSecond: { } bytes } && (limits.ReadBytesPerSecond > bytes || limits.WriteBytesPerSecond > bytes))
            at.Warning("managed_nvmet.qos", "a limit of reads or writes is above the one of both together, and has no effect.");
    }

    private void CheckUnique(Place at, string place, string kind, string? identity, string name)
    {
        if (identity is null || _identities.TryAdd($"{kind} {identity}", name))
            return;
        at.Error(place, $"the {kind} {identity} of {name} is that of {_identities[$"{kind} {identity}"]} too; hosts take both for one "
            + "disk.",
            "Give each its own, or leave it out to have one made.");
    }

    /// <summary>An object that is checked.</summary>
    private readonly struct Place(ConfigurationValidator validator, object record, string path)
    {
        public void Error(string place, string message, string? suggestion = null) =>
            Add(ProblemSeverity.Error, place, message, suggestion);

        public void Warning(string place, string message, string? suggestion = null) =>
            Add(ProblemSeverity.Warning, place, message, suggestion);

        private void Add(ProblemSeverity severity, string place, string message, string? suggestion)
        {
            List<ConfigurationProblem> problems = validator._context.Problems;
            if (problems.Count >= ReadContext.MaxProblems)
                return;
            JsonTree? tree = validator._context.Find(record, place);
            problems.Add(new ConfigurationProblem(severity, tree?.Path ?? $"{path}.{place}", tree?.Line, message, suggestion));
        }
    }
}
