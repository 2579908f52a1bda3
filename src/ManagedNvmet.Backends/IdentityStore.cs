using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace ManagedNvmet.Backends;

/// <summary>Keeps the identities of namespaces and the serial numbers of subsystems, made once, in one file that a person can
/// read.</summary>
/// <remarks>Hosts know a disk by these numbers: when they change, it is another disk. So they are written durably before they are first
/// used, and a file that cannot be understood is an error and never a reason to make new ones. May be used from any thread.</remarks>
public sealed class IdentityStore
{
    /// <summary>Name of the file in the state folder.</summary>
    public const string FileName = "identities.json";

    private const string LockName = "identities.lock";
    private const int SerialNumberLength = 20;
    private const int LockRetryMilliseconds = 20;
    private const int LockAttempts = 500;

    private readonly Lock _lock = new();
    private readonly string _folder;
    private IdentityFile _file;
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);

    private IdentityStore(string folder, IdentityFile file)
    {
        _folder = folder;
        _file = file;
    }

    /// <summary>Opens the store; the folder is made when there is none, for its owner alone.</summary>
    /// <exception cref="BackendException">The folder cannot be used, or the file is damaged.</exception>
    public static IdentityStore Open(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            if (!Directory.Exists(folder))
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return new IdentityStore(folder, Load(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string message = $"The state folder {folder} cannot be used: {e.Message} It must be a folder that {Environment.UserName} "
                + "may read and write; --state-directory names another.";
            throw new BackendException(message, e);
        }
    }

    /// <summary>The serial number of a subsystem: 20 hexadecimal digits, made when it is first asked for.</summary>
    /// <param name="subsystemNqn">NQN of the subsystem.</param>
    public string SerialNumber(string subsystemNqn)
    {
        ArgumentException.ThrowIfNullOrEmpty(subsystemNqn);
        lock (_lock)
        {
            if (_file.SerialNumbers.TryGetValue(subsystemNqn, out string? serial))
                return serial;
            using FileStream held = LockAndReload();
            if (_file.SerialNumbers.TryGetValue(subsystemNqn, out serial))
                return serial;
            serial = RandomNumberGenerator.GetHexString(SerialNumberLength);
            _file.SerialNumbers.Add(subsystemNqn, serial);
            Save(() => _file.SerialNumbers.Remove(subsystemNqn));
            return serial;
        }
    }

    /// <summary>The identity of a namespace, made when it is first asked for. It is this namespace's until <see cref="Release"/>: a second
    /// one with the same key, such as another mem:1G, gets the identity of the second one, on every start.</summary>
    /// <param name="key">From <see cref="IdentityKey.Of"/>.</param>
    /// <param name="uuid">The UUID that the operator wants, or null.</param>
    /// <param name="claim">Gives the identity back, with <see cref="Release"/>.</param>
    /// <exception cref="BackendException">Another namespace has that UUID, or the file cannot be written.</exception>
    public NamespaceIdentity Claim(string key, Guid? uuid, out string claim)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        lock (_lock)
        {
            claim = key;
            for (int number = 2; _claimed.Contains(claim); number++)
                claim = string.Create(CultureInfo.InvariantCulture, $"{key} #{number}");
            string name = claim;
            if (!_file.Namespaces.TryGetValue(name, out IdentityFile.Entry? entry) || (uuid is not null && entry.Uuid != uuid))
                entry = Make(name, uuid);
            _claimed.Add(name);
            return IdentityOf(entry);
        }
    }

    /// <summary>Makes the serial numbers and identities that are missing in one write: with thousands of them a write each would take
    /// minutes. <see cref="SerialNumber"/> and <see cref="Claim"/> find them then.</summary>
    /// <param name="subsystemNqns">Subsystems that need a serial number.</param>
    /// <param name="namespaces">Keys of namespaces and the UUIDs that the operator wants. One whose UUID is another's is left to
    /// <see cref="Claim"/>, which says so.</param>
    /// <exception cref="BackendException">The file cannot be written.</exception>
    public void Prepare(IEnumerable<string> subsystemNqns, IEnumerable<(string Key, Guid? Uuid)> namespaces)
    {
        ArgumentNullException.ThrowIfNull(subsystemNqns);
        ArgumentNullException.ThrowIfNull(namespaces);
        lock (_lock)
        {
            string[] subsystems = [.. subsystemNqns.Where(nqn => !_file.SerialNumbers.ContainsKey(nqn))];
            (string Key, Guid? Uuid)[] missing = [.. namespaces.Where(each => !_file.Namespaces.ContainsKey(each.Key))];
            if (subsystems.Length == 0 && missing.Length == 0)
                return;
            using FileStream held = LockAndReload();
            HashSet<Guid> used = [.. _file.Namespaces.Values.Select(entry => entry.Uuid)];
            var madeSubsystems = new List<string>();
            var madeNamespaces = new List<string>();
            foreach (string nqn in subsystems)
            {
                if (_file.SerialNumbers.TryAdd(nqn, RandomNumberGenerator.GetHexString(SerialNumberLength)))
                    madeSubsystems.Add(nqn);
            }
            foreach ((string key, Guid? uuid) in missing)
            {
                if (_file.Namespaces.ContainsKey(key))
                    continue;
                NamespaceIdentity made = NamespaceIdentity.CreateRandom();
                made = made with { Uuid = uuid ?? made.Uuid };
                if (!used.Add(made.Uuid))
                    continue;
                _file.Namespaces.Add(key, EntryOf(made));
                madeNamespaces.Add(key);
            }
            Save(() =>
            {
                madeSubsystems.ForEach(nqn => _file.SerialNumbers.Remove(nqn));
                madeNamespaces.ForEach(key => _file.Namespaces.Remove(key));
            });
        }
    }

    private IdentityFile.Entry Make(string name, Guid? uuid)
    {
        using FileStream held = LockAndReload();
        if (uuid is { } wanted)
        {
            string? other = _file.Namespaces.FirstOrDefault(pair => pair.Value.Uuid == wanted && pair.Key != name).Key;
            if (other is not null)
                throw new BackendException($"The UUID {wanted} of {name} belongs to {other} already. Hosts refuse two namespaces with one UUID: choose another.");
        }
        _file.Namespaces.TryGetValue(name, out IdentityFile.Entry? old);
        IdentityFile.Entry entry = old ?? EntryOf(NamespaceIdentity.CreateRandom());
        if (uuid is { } chosen)
            entry = entry with { Uuid = chosen };
        if (entry == old)
            return entry;
        _file.Namespaces[name] = entry;
        Save(() =>
        {
            if (old is null)
                _file.Namespaces.Remove(name);
            else
                _file.Namespaces[name] = old;
        });
        return entry;
    }

    /// <summary>Another server may share the folder: what it made meanwhile counts, and it waits while something is made here.</summary>
    private FileStream LockAndReload()
    {
        string path = Path.Combine(_folder, LockName);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                var held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                try
                {
                    _file = Load(Path.Combine(_folder, FileName));
                    return held;
                }
                catch
                {
                    held.Dispose();
                    throw;
                }
            }
            catch (IOException) when (attempt < LockAttempts && File.Exists(path))
            {
                Thread.Sleep(LockRetryMilliseconds);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new BackendException($"{path} cannot be locked: {e.Message} Without it two servers could give one identity to two disks, so nothing is served.", e);
            }
        }
    }

    private static IdentityFile Load(string path)
    {
        if (!File.Exists(path))
            return new IdentityFile();
        try
        {
            IdentityFile file = IdentityFile.Read(File.ReadAllBytes(path));
            return FaultOf(file) is { } fault ? throw Damaged(path, fault) : file;
        }
        catch (JsonException e)
        {
            throw Damaged(path, e.Message);
        }
    }

    /// <summary>The namespace is not served any more; its identity stays in the file for when it comes back.</summary>
    public void Release(string claim)
    {
        lock (_lock)
            _claimed.Remove(claim);
    }

    private static IdentityFile.Entry EntryOf(NamespaceIdentity identity) => new()
    {
        Uuid = identity.Uuid,
        Nguid = identity.Nguid.ToString("x32", CultureInfo.InvariantCulture),
        Eui64 = identity.Eui64.ToString("x16", CultureInfo.InvariantCulture),
    };

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

    private static BackendException Damaged(string path, string fault) => new(
        $"{path} is damaged: {fault.TrimEnd('.')}. Restore it from a backup. Removing it gives every namespace a new identity, "
        + "and hosts will take them for other disks.");

    private void Save(Action undo)
    {
        string path = Path.Combine(_folder, FileName);
        try
        {
            DurableFile.Write(path, _file.Write(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            undo();
            string message = $"{path} cannot be written: {e.Message} Without it the next start would give other identities.";
            throw new BackendException(message, e);
        }
    }
}
