using ManagedNvmet.Backends;
using ManagedNvmet.Configuration;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Running;

/// <summary>Opens the devices of namespaces with their identities, and keeps a disk from being served twice.</summary>
/// <remarks>Thread-safe: devices are opened one after another, and closed whenever their last command ends.</remarks>
internal sealed class DeviceOpener(IdentityStore identities, IReadOnlyDictionary<string, BlockDevice> ownDevices, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, (string Device, bool IsMade, int Count)> _uuids = [];
    private readonly HashSet<string> _openDisks = new(StringComparer.Ordinal);

    /// <summary>Makes what is missing of serial numbers and identities in one write, however many there are.</summary>
    public void Prepare(TargetConfiguration configuration) => identities.Prepare(
        configuration.Subsystems.Where(each => each.SerialNumber is null).Select(each => each.Nqn.Text),
        configuration.Subsystems.SelectMany(
            subsystem => subsystem.Namespaces.Where(NeedsIdentity).Select(each => (KeyOf(subsystem.Nqn, each), each.Uuid))));

    /// <summary>The serial number of a subsystem.</summary>
    public string SerialNumberOf(SubsystemConfiguration subsystem) => subsystem.SerialNumber ?? identities.SerialNumber(subsystem.Nqn.Text);

    /// <summary>Opens a device.</summary>
    /// <exception cref="BackendException">It cannot be opened; the message is for a person.</exception>
    /// <exception cref="ArgumentException">The device has properties that cannot be served.</exception>
    public OpenDevice Open(Nqn subsystem, NamespaceConfiguration configured)
    {
        string key = KeyOf(subsystem, configured);
        if (DeviceSpecification.IsOwn(configured.Device, out string? own))
        {
            if (!ownDevices.TryGetValue(own, out BlockDevice? given))
                throw new BackendException($"The program brings no device \"{own}\" along.");
            return Identify(configured, given, key, disk: null);
        }
        NamespaceSpec spec = DeviceSpecification.ToSpec(configured);
        string? disk = spec.Kind == NamespaceKind.File && !spec.IsForced && !spec.IsReadOnly ? IdentityKey.Of(spec) : null;

        // The kernel refuses the second opening of a disk, but it cannot know that the first one was ours.
        if (disk is not null && !TryTake(disk))
            throw new BackendException($"{spec.Path} is given twice; a disk is served once.");
        BlockDevice? device = null;
        try
        {
            device = BackendFactory.Open(spec, logger);
            return Identify(configured, device, key, disk);
        }
        catch
        {
            GiveBack(disk);

            // Closing a file or memory ends before the task is looked at.
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

    // A disk that is not there yet may turn out to have a better name than its path.
    private static bool NeedsIdentity(NamespaceConfiguration configured) =>
        configured.IsEnabled && (configured.Uuid is null || configured.Nguid is null || configured.Eui64 is null)
        && (DeviceSpecification.IsOwn(configured.Device, out _) || DeviceSpecification.ToSpec(configured).Kind != NamespaceKind.File
            || File.Exists(configured.Device));

    /// <summary>The name under which an identity is kept: a disk keeps it wherever it is served; memory and null have nothing of their own
    /// that could be told apart.</summary>
    public static string KeyOf(Nqn subsystem, NamespaceConfiguration configured)
    {
        if (DeviceSpecification.IsOwn(configured.Device, out _))
            return configured.Device;
        NamespaceSpec spec = DeviceSpecification.ToSpec(configured);
        if (spec.Kind == NamespaceKind.File)
            return IdentityKey.Of(spec);
        return configured.Uuid is { } uuid ? $"{IdentityKey.Of(spec)} {uuid}" : $"{IdentityKey.Of(spec)} {subsystem} namespace {configured.Id}";
    }

    private OpenDevice Identify(NamespaceConfiguration configured, BlockDevice device, string key, string? disk)
    {
        bool isOwn = DeviceSpecification.IsOwn(configured.Device, out _);
        (NamespaceIdentity identity, string? claim) = IdentityOf(configured, key);
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
        return new OpenDevice(device, identity, key, claim, disk, isOwn, isMade);
    }

    private (NamespaceIdentity Identity, string? Claim) IdentityOf(NamespaceConfiguration configured, string key)
    {
        if (configured is { Uuid: { } uuid, Nguid: { } nguid, Eui64: { } eui64 })
            return (new NamespaceIdentity(uuid, nguid, eui64), null);

        // A UUID that was a disk's before which is not served any more may be given to another one: it is the operator's word.
        NamespaceIdentity kept;
        string claim;
        try
        {
            kept = identities.Claim(key, configured.Uuid, out claim);
        }
        catch (BackendException) when (configured.Uuid is not null)
        {
            kept = identities.Claim(key, null, out claim);
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
