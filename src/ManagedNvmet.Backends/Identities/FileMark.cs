using System.Text;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Backends.Identities;

/// <summary>The UUID that a file carries in an extended attribute, so that it keeps its identity when it is renamed or moved.</summary>
public static class FileMark
{
    /// <summary>Name of the extended attribute. Its value is a UUID in text, 36 characters.</summary>
    public const string AttributeName = "user.managed_nvmet.uuid";

    private const int MaxBytes = 64;
    private const int TextBytes = 36;

    /// <summary>The UUID that the file at a path carries; null when there is no such file, or it carries none.</summary>
    public static Guid? At(string path)
    {
        int fd = NativeFile.Open(path, NativeFile.ReadOnly);
        if (fd < 0)
            return null;
        Guid? found = TryRead(fd, out Guid uuid) == TextBytes ? uuid : null;
        NativeFile.Close(fd);
        return found;
    }

    /// <summary>Reads the UUID of an open file, and writes a new one where there is none.</summary>
    /// <param name="fd">The open file; reading is enough.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <param name="mayWrite">False to leave a file without UUID as it is.</param>
    /// <returns>Null when the file carries no UUID: its file system has no such attributes, or it may not be changed.</returns>
    /// <exception cref="BackendException">The attribute holds something else.</exception>
    internal static Guid? ReadOrMake(int fd, string path, bool mayWrite)
    {
        int count = TryRead(fd, out Guid uuid);
        if (count == TextBytes)
            return uuid;
        if (count != -Errno.ENODATA || !mayWrite)
            return count is >= 0 or -Errno.ERANGE ? throw Damaged(path) : null;
        uuid = Guid.NewGuid();
        int result = NativeFile.CreateAttribute(fd, AttributeName, Encoding.ASCII.GetBytes(uuid.ToString()));

        // Another process wrote a UUID in the meantime. Use that one.
        if (result == -Errno.EEXIST)
            return TryRead(fd, out uuid) == TextBytes ? uuid : throw Damaged(path);
        return result >= 0 && NativeFile.Sync(fd) >= 0 ? uuid : null;
    }

    // Bytes of a sound value, 0 for an unsound one, or -errno.
    private static int TryRead(int fd, out Guid uuid)
    {
        byte[] value = new byte[MaxBytes];
        uuid = Guid.Empty;
        int count = NativeFile.ReadAttribute(fd, AttributeName, value);
        if (count < 0)
            return count;
        bool isSound =
            count == TextBytes && Guid.TryParseExact(Encoding.ASCII.GetString(value, 0, count), "D", out uuid) && uuid != Guid.Empty;
        return isSound ? count : 0;
    }

    private static BackendException Damaged(string path) => new(
        $"The extended attribute {AttributeName} of {path} holds no UUID, so that the identity of this disk is not known. Restore it, or "
            + $"remove it for a new identity: setfattr --remove={AttributeName} {path}");
}
