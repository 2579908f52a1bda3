using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ManagedNvmet.Backends.Stores;
using ManagedNvmet.Io.Native;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends.Identities;

/// <summary>Keeps the identities of namespaces and the serial numbers of subsystems in one file that a person can read.</summary>
/// <remarks>Hosts recognize a disk by these numbers: when they change, it is another disk. The caller saves what was made before a host can
/// see it. A file that cannot be understood is an error and never a reason to make new numbers. One store at a time has a state folder.
/// May be used from any thread.</remarks>
public sealed partial class IdentityStore : IDisposable
{
    /// <summary>Name of the file in the state folder.</summary>
    public const string FileName = "identities.json";

    private const string LockName = "identities.lock";
    private const int SerialNumberLength = 20;
    private const string StateFolderSetting = "StateFolder";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Names of these kinds belong to one disk alone. By-id links and names that people give may move to another disk.
    private static readonly string[] UniqueKinds = ["file:", "wwid:", "cid:", "dm-uuid:", "md-uuid:"];

    private readonly Lock _gate = new();
    private readonly IDocumentStore _store;
    private readonly ILogger _logger;
    private readonly IdentityFile _file;
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, string> _byUuid = [];
    private readonly Dictionary<string, string> _byPlace = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _claimed = new(StringComparer.Ordinal);
    private string _version;
    private int _lock;
    private bool _isChanged;

    private IdentityStore(IDocumentStore store, int held, ILogger logger)
    {
        _store = store;
        _lock = held;
        _logger = logger;
        StoredDocument stored = store.Read();
        _version = stored.Version;
        _file = stored.Exists ? Load(stored.Content.Span) : new IdentityFile();
        foreach ((string key, IdentityFile.Entry entry) in _file.Namespaces)
            Index(key, entry);
    }

    /// <summary>Opens the store for this server alone; the folder is made when there is none, for its owner alone.</summary>
    /// <exception cref="BackendException">The folder cannot be used, another server uses it, or the file is damaged.</exception>
    public static IdentityStore Open(string folder, ILogger logger)
    {
        int held = -1;
        try
        {
            if (!Directory.Exists(folder))
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            held = Lock(folder);
            return new IdentityStore(new FileDocumentStore(Path.Combine(folder, FileName), OwnerOnly), held, logger);
        }
        catch (Exception e)
        {
            if (held >= 0)
                NativeFile.Close(held);
            if (e is IOException or UnauthorizedAccessException)
                throw Unusable(folder, e.Message, e);
            throw;
        }
    }

    /// <summary>The serial number of a subsystem: 20 hexadecimal digits, made when it is first asked for.</summary>
    /// <param name="subsystemNqn">NQN of the subsystem.</param>
    public string SerialNumber(string subsystemNqn)
    {
        ArgumentException.ThrowIfNullOrEmpty(subsystemNqn);
        lock (_gate)
        {
            if (_file.SerialNumbers.TryGetValue(subsystemNqn, out string? serial))
                return serial;
            serial = RandomNumberGenerator.GetHexString(SerialNumberLength);
            _file.SerialNumbers.Add(subsystemNqn, serial);
            _isChanged = true;
            return serial;
        }
    }

    /// <summary>The identity of a disk, made when it is first asked for.</summary>
    /// <param name="disk">Its names.</param>
    /// <param name="claim">Gives the identity back, with <see cref="Release"/>.</param>
    /// <exception cref="BackendException">The identity belongs to another disk.</exception>
    /// <remarks>A disk that is served twice at the same time, or two things of one name, get the identity of the name and one for each
    /// further one, the same on every start.</remarks>
    public NamespaceIdentity Claim(DiskNames disk, out string claim)
    {
        ArgumentNullException.ThrowIfNull(disk);
        lock (_gate)
        {
            string key = Find(disk) ?? TakeOver(disk) ?? Make(disk);
            claim = key;
            for (int number = 2; _claimed.TryGetValue(claim, out string? holder); number++)
            {
                if (holder != disk.Disk)
                    throw Copied(disk, key);
                claim = string.Create(CultureInfo.InvariantCulture, $"{key} #{number}");
            }
            if (!_file.Namespaces.TryGetValue(claim, out IdentityFile.Entry? entry))
                entry = Add(claim, NamespaceIdentity.CreateRandom(), disk);
            _claimed.Add(claim, disk.Disk);
            return IdentityOf(entry);
        }
    }

    /// <summary>The identity with a UUID that the operator chose for a disk. It may have been another disk's before: the operator decides.
    /// </summary>
    /// <param name="disk">The names of the disk. When it has no identity yet, it keeps this one.</param>
    /// <param name="uuid">The UUID.</param>
    public NamespaceIdentity Assign(DiskNames disk, Guid uuid)
    {
        ArgumentNullException.ThrowIfNull(disk);
        lock (_gate)
        {
            if (_byUuid.TryGetValue(uuid, out string? known))
                return IdentityOf(_file.Namespaces[known]);
            bool isKnown = disk.Lasting.Any(_keys.ContainsKey) || disk.Former.Any(_file.Namespaces.ContainsKey)
                || (disk.Unmarked is { } unmarked && _file.Namespaces.ContainsKey(unmarked));
            string key = disk.Lasting.FirstOrDefault() ?? disk.Fallback;
            return IdentityOf(
                Add(isKnown || _file.Namespaces.ContainsKey(key) ? $"uuid:{uuid}" : key, NamespaceIdentity.FromUuid(uuid), disk));
        }
    }

    /// <summary>Ends a claim: the namespace is not served any more. Its identity stays in the file for when it comes back.</summary>
    public void Release(string claim)
    {
        lock (_gate)
            _claimed.Remove(claim);
    }

    /// <summary>Writes what was made since the last time; does nothing when nothing was.</summary>
    /// <exception cref="BackendException">The file cannot be written. What was made must not be shown to hosts then.</exception>
    public void Save()
    {
        lock (_gate)
        {
            if (!_isChanged)
                return;
            try
            {
                _version = _store.TryWrite(_file.Write(), _version) ?? throw new BackendException(
                    $"{_store.Name} was changed by another program while the server runs. Nothing is written over it; start the server "
                        + "again.");
                _isChanged = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                string message = $"{_store.Name} cannot be written: {e.Message} Without it the next start would give other identities.";
                throw new BackendException(message, e) { Setting = StateFolderSetting };
            }
        }
    }

    /// <summary>Lets another server use the state folder.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_lock >= 0)
                NativeFile.Close(_lock);
            _lock = -1;
        }
    }

    private static int Lock(string folder)
    {
        string path = Path.Combine(folder, LockName);
        int fd = NativeFile.Open(path, NativeFile.ReadWrite | NativeFile.Create);
        if (fd < 0)
            throw Unusable(folder, $"{path}: {NativeFile.Explain(-fd)}.", null);
        int result = NativeFile.Lock(fd, NativeFile.LockExclusive);
        if (result >= 0)
            return fd;
        string user = NativeFile.Stat(fd, path, out FileStatus status) >= 0 ? DeviceUsers.OfFile(status) : "locked by another process";
        NativeFile.Close(fd);
        throw result == -Errno.EAGAIN
            ? new BackendException($"Another server uses the state folder {folder}: it is {user}. Two servers with one state folder would "
                + "serve different disks under one subsystem NQN and serial number. Give each server a state folder of its own.")
            {
                Setting = StateFolderSetting,
            }
            : Unusable(folder, $"{path} cannot be locked: {NativeFile.Explain(-result)}.", null);
    }

    private static BackendException Unusable(string folder, string reason, Exception? cause) => new(
        $"The state folder {folder} cannot be used: {reason} It must be a folder that {Environment.UserName} may read and write.", cause)
    {
        Setting = StateFolderSetting,
    };

    // The entry of a disk that is known by one of its lasting names.
    private string? Find(DiskNames disk)
    {
        string? key = null;
        foreach (string name in disk.Lasting)
        {
            if (_keys.TryGetValue(name, out key))
                break;
        }
        if (key is null)
            return disk.Lasting.Count == 0 && _file.Namespaces.ContainsKey(disk.Fallback) ? disk.Fallback : null;
        IdentityFile.Entry entry = _file.Namespaces[key];
        RefuseAnother(disk, key, entry);
        string place = disk.File ?? disk.Place;
        if (disk.Unmarked is not null && entry.Place is { } before && before != place && FileMark.At(before) is { } mark
            && disk.Lasting.Any(name => name.StartsWith($"file:{mark}", StringComparison.Ordinal))
            && FileDevice.DiskAt(before) != disk.FileDisk)
        {
            throw Copied(disk, key);
        }
        string[] names = [.. (entry.Names ?? []).Union(disk.Lasting, StringComparer.Ordinal).Where(name => name != key)];
        if (names.Length != (entry.Names?.Count ?? 0) || entry.Place != place)
            Replace(key, entry with { Names = names.Length == 0 ? null : names, Place = place });
        return key;
    }

    // One name fits, and another one says that it is another disk.
    private static void RefuseAnother(DiskNames disk, string key, IdentityFile.Entry entry)
    {
        foreach (string kind in UniqueKinds)
        {
            string[] before = [.. (entry.Names ?? []).Append(key).Where(name => name.StartsWith(kind, StringComparison.Ordinal))];
            string[] now = [.. disk.Lasting.Where(name => name.StartsWith(kind, StringComparison.Ordinal))];
            if (before.Length == 0 || now.Length == 0 || before.Intersect(now, StringComparer.Ordinal).Any())
                continue;
            throw new BackendException($"{disk.Place} has the name {key} of a disk with the UUID {entry.Uuid}, and is another disk: it is "
                + $"{now[0]}, and that one was {before[0]}. Hosts would take it for that disk. Configure a UUID for it, that one's or a "
                + "new one.");
        }
    }

    // Takes the identity over that an earlier version kept under a name that does not last, or under the path of a file.
    private string? TakeOver(DiskNames disk)
    {
        if (disk.Lasting.Count == 0)
            return null;
        foreach (string former in (IEnumerable<string>)[.. disk.Former, .. disk.Unmarked is { } unmarked ? [unmarked] : (string[])[]])
        {
            // An entry of this version under such a name is another disk's, except for the path of a file.
            if (!_file.Namespaces.TryGetValue(former, out IdentityFile.Entry? entry) || _claimed.ContainsKey(former)
                || (entry.Place is not null && former != disk.Unmarked))
            {
                continue;
            }
            string key = disk.Lasting[0];
            _file.Namespaces.Remove(former);
            _keys.Remove(former);
            Replace(key, entry with { Names = disk.Lasting.Count > 1 ? [.. disk.Lasting.Skip(1)] : null, Place = disk.File ?? disk.Place });
            LogTakenOver(_logger, disk.Place, former, key);
            return key;
        }
        return null;
    }

    private string Make(DiskNames disk)
    {
        string key = disk.Lasting.FirstOrDefault() ?? disk.Fallback;
        if (disk.File is { } file && _byPlace.TryGetValue(file, out string? before))
            LogReplaced(_logger, file, _file.Namespaces[before].Uuid, before["file:".Length..], FileMark.AttributeName);

        // The UUID that the disk carries may have been given to another disk by the operator.
        Guid uuid = disk.Carried is { } carried && !_byUuid.ContainsKey(carried) ? carried : Guid.NewGuid();
        Add(key, NamespaceIdentity.FromUuid(uuid), disk);
        return key;
    }

    private IdentityFile.Entry Add(string key, NamespaceIdentity identity, DiskNames disk)
    {
        bool isNamed = disk.Lasting.Count > 1 && key == disk.Lasting[0];
        var entry = new IdentityFile.Entry
        {
            Uuid = identity.Uuid,
            Nguid = identity.Nguid.ToString("x32", CultureInfo.InvariantCulture),
            Eui64 = identity.Eui64.ToString("x16", CultureInfo.InvariantCulture),
            Names = isNamed ? [.. disk.Lasting.Skip(1)] : null,
            Place = disk.File ?? disk.Place,
        };
        Replace(key, entry);
        return entry;
    }

    private void Replace(string key, IdentityFile.Entry entry)
    {
        _file.Namespaces[key] = entry;
        Index(key, entry);
        _isChanged = true;
    }

    private void Index(string key, IdentityFile.Entry entry)
    {
        _keys[key] = key;
        foreach (string name in entry.Names ?? [])
            _keys[name] = key;
        _byUuid[entry.Uuid] = key;
        if (entry.Place is { } place && key.StartsWith("file:", StringComparison.Ordinal) && !key.Contains(' ', StringComparison.Ordinal))
            _byPlace[place] = key;
    }

    private BackendException Copied(DiskNames disk, string key)
    {
        IdentityFile.Entry entry = _file.Namespaces[key];
        string remedy = disk.Unmarked is not null
            ? $"It is a copy, with its extended attributes. To make it a disk of its own, run setfattr --remove={FileMark.AttributeName} "
                + $"{disk.File}, or configure a UUID for it. If it takes the place of the other, remove that one first."
            : "Configure a UUID for one of them.";
        return new BackendException(
            $"{disk.Place} has the identity {entry.Uuid} of another disk, {entry.Place ?? key}: both are {key}. {remedy}");
    }

    private IdentityFile Load(ReadOnlySpan<byte> content)
    {
        try
        {
            IdentityFile file = IdentityFile.Read(content);
            return FaultOf(file) is { } fault ? throw Damaged(fault) : file;
        }
        catch (JsonException e)
        {
            throw Damaged(e.Message);
        }
    }

    private static NamespaceIdentity IdentityOf(IdentityFile.Entry entry) => new(
        entry.Uuid,
        UInt128.Parse(entry.Nguid, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
        ulong.Parse(entry.Eui64, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private static string? FaultOf(IdentityFile file)
    {
        if (file.Version != IdentityFile.CurrentVersion)
            return $"its version is {file.Version}, expected {IdentityFile.CurrentVersion}";
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string key, IdentityFile.Entry entry) in file.Namespaces)
        {
            if (entry is null || entry.Uuid == Guid.Empty || !IsHex(entry.Nguid, 32) || !IsHex(entry.Eui64, 16))
                return $"the identity of {key} is incomplete or zero";
            if (!seen.Add(entry.Uuid.ToString()) || !seen.Add(entry.Nguid) || !seen.Add(entry.Eui64))
                return $"{key} has an identifier that another namespace has too";
        }
        foreach ((string subsystem, string serial) in file.SerialNumbers)
        {
            bool isText = !string.IsNullOrWhiteSpace(serial) && !serial.AsSpan().ContainsAnyExceptInRange(' ', '~');
            if (!isText || serial.Length > SerialNumberLength)
                return $"the serial number of {subsystem} is not 1 to {SerialNumberLength} ASCII characters";
        }
        return null;
    }

    private static bool IsHex(string? text, int length) =>
        text is not null && text.Length == length && text.All(char.IsAsciiHexDigit) && text.Any(c => c != '0');

    private BackendException Damaged(string fault) => new(
        $"{_store.Name} is damaged: {fault.TrimEnd('.')}. Restore it from a backup. Removing it gives every namespace a new identity, "
        + "and hosts will take them for other disks.");
}
