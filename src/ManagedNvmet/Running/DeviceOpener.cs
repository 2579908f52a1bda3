using ManagedNvmet.Backends;
using ManagedNvmet.Backends.Identities;
using ManagedNvmet.Backends.Kinds;
using ManagedNvmet.Configuration;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Running;

/// <summary>Opens the devices of namespaces with their identities, and keeps a disk from being served twice.</summary>
/// <remarks>Thread-safe: devices are opened one after another, and closed whenever their last command ends.</remarks>
internal sealed partial class DeviceOpener(
    IdentityStore identities, BackendKinds kinds, IReadOnlyDictionary<string, BlockDevice> ownDevices, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, (string Device, bool IsMade, int Count)> _uuids = [];
    private readonly HashSet<string> _openDisks = new(StringComparer.Ordinal);

    /// <summary>Makes the serial numbers that are missing.</summary>
    public void Prepare(TargetConfiguration configuration)
    {
        foreach (SubsystemConfiguration subsystem in configuration.Subsystems.Where(each => each.SerialNumber is null))
            identities.SerialNumber(subsystem.Nqn.Text);
    }

    /// <summary>Makes the identities and serial numbers durable that were made since the last time. Called before hosts can see
    /// them.</summary>
    /// <exception cref="BackendException">They cannot be written.</exception>
    public void SaveIdentities() => identities.Save();

    /// <summary>The serial number of a subsystem.</summary>
    public string SerialNumberOf(SubsystemConfiguration subsystem) => subsystem.SerialNumber ?? identities.SerialNumber(subsystem.Nqn.Text);

    /// <summary>Opens a device.</summary>
    /// <exception cref="BackendException">It cannot be opened; the message is for a person.</exception>
    /// <exception cref="ArgumentException">The device has properties that cannot be served.</exception>
    public OpenDevice Open(Nqn subsystem, NamespaceConfiguration configured)
    {
        string? key = KeyOf(subsystem, configured);
        if (DeviceSpecification.IsOwn(configured.Device, out string? own))
        {
            if (!ownDevices.TryGetValue(own, out BlockDevice? given))
                throw new BackendException($"The program brings no device \"{own}\" along.");
            return Identify(configured, given, DiskNames.OfSingle(key!), disk: null, kind: null);
        }
        NamespaceSpec spec = DeviceSpecification.ToSpec(configured, kinds);
        bool isExclusive = spec.Kind.NamesDisk && !spec.IsForced && !spec.IsReadOnly;

        // The kernel refuses the second opening of a disk, but its error does not say that the first one was ours.
        if (isExclusive && key is not null && IsOpen(key))
            throw new BackendException($"{configured.Device} is given twice; a disk is served once.");
        string? disk = null;
        BlockDevice? device = null;
        try
        {
            device = spec.Kind.Open(spec, logger);
            DiskNames names = spec.Kind.NamesDisk ? spec.Kind.NamesOf(device, spec) : DiskNames.OfSingle(key!);
            if (isExclusive && !TryTake(names.Disk))
                throw new BackendException($"{configured.Device} is given twice; a disk is served once.");
            disk = isExclusive ? names.Disk : null;
            return Identify(configured, device, names, disk, spec.Kind);
        }
        catch
        {
            GiveBack(disk);

            // Disposing a file or memory completes synchronously.
            device?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    /// <summary>Closes a device that nobody uses any more.</summary>
    public async Task CloseAsync(OpenDevice opened)
    {
        ForgetUuid(opened.Identity.Uuid);
        if (opened.Claim is { } claim)
            identities.Release(claim);

        // A device of the program's own may be served again; it is closed with the server.
        if (!opened.IsOwn)
            await opened.Device.DisposeAsync().ConfigureAwait(false);
        GiveBack(opened.Disk);
    }

    private bool TryTake(string disk)
    {
        lock (_gate)
            return _openDisks.Add(disk);
    }

    private void GiveBack(string? disk)
    {
        if (disk is null)
            return;
        lock (_gate)
            _openDisks.Remove(disk);
    }

    /// <summary>Equal for two namespaces that cannot be open at once: the disk, or for memory the namespace itself; null while the disk is
    /// not there.</summary>
    public string? KeyOf(Nqn subsystem, NamespaceConfiguration configured)
    {
        if (DeviceSpecification.IsOwn(configured.Device, out _))
            return configured.Device;
        NamespaceSpec spec = DeviceSpecification.ToSpec(configured, kinds);
        if (spec.Kind.NamesDisk)
            return spec.Kind.DiskOf(spec);
        string name = spec.Kind.NameOf(spec);
        return configured.Uuid is { } uuid ? $"{name} {uuid}" : $"{name} {subsystem} namespace {configured.Id}";
    }

    /// <summary>True when it is certain without opening that the disk of a namespace is not there.</summary>
    public bool IsMissing(NamespaceConfiguration configured)
    {
        if (DeviceSpecification.IsOwn(configured.Device, out _))
            return false;
        NamespaceSpec spec = DeviceSpecification.ToSpec(configured, kinds);
        return spec.Kind.IsMissing(spec);
    }

    private bool IsOpen(string disk)
    {
        lock (_gate)
            return _openDisks.Contains(disk);
    }

    private OpenDevice Identify(NamespaceConfiguration configured, BlockDevice device, DiskNames names, string? disk, BackendKind? kind)
    {
        bool isOwn = DeviceSpecification.IsOwn(configured.Device, out _);
        (NamespaceIdentity identity, string? claim) = IdentityOf(configured, names);
        bool isMade = configured.Uuid is null;
        lock (_gate)
        {
            // Two that are configured have been compared with each other; one may be taking the place of the other just now.
            if (_uuids.TryGetValue(identity.Uuid, out (string Device, bool IsMade, int Count) other) && (isMade || other.IsMade))
            {
                if (claim is not null)
                    identities.Release(claim);
                throw new BackendException($"The UUID {identity.Uuid} of {configured.Device} belongs to {other.Device} already. "
                    + "Hosts refuse two namespaces with one UUID: choose another.");
            }
            _uuids[identity.Uuid] = (configured.Device, isMade, other.Count + 1);
        }
        return new OpenDevice(device, identity, names.Disk, claim, disk, isOwn, isMade, kind);
    }

    private (NamespaceIdentity Identity, string? Claim) IdentityOf(NamespaceConfiguration configured, DiskNames names)
    {
        if (configured is { Uuid: { } uuid, Nguid: { } nguid, Eui64: { } eui64 })
            return (new NamespaceIdentity(uuid, nguid, eui64), null);
        string? claim = null;
        NamespaceIdentity kept;
        if (configured.Uuid is { } chosen)
            kept = identities.Assign(names, chosen);
        else
        {
            kept = identities.Claim(names, out claim);
            if (names.Lasting.Count == 0)
                LogNothingLasts(logger, configured.Device, names.Fallback);
        }
        return (new NamespaceIdentity(configured.Uuid ?? kept.Uuid, configured.Nguid ?? kept.Nguid, configured.Eui64 ?? kept.Eui64), claim);
    }

    private void ForgetUuid(Guid uuid)
    {
        lock (_gate)
        {
            (string Device, bool IsMade, int Count) known = _uuids[uuid];
            if (known.Count == 1)
                _uuids.Remove(uuid);
            else
                _uuids[uuid] = known with { Count = known.Count - 1 };
        }
    }
}
