using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Tests;

/// <summary>A file descriptor opened by open(2), which allows O_DIRECT. Optionally it creates a temporary file.</summary>
internal sealed partial class TestFile : IDisposable
{
    private const int ReadWriteCloseOnExec = 2 | 0x80000;
    private const int Create = 0x40;
    private static readonly int Direct = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    private readonly bool _isTemporary;

    private TestFile(string path, bool isDirect, bool isTemporary)
    {
        Path = path;
        _isTemporary = isTemporary;
        Fd = Open(path, ReadWriteCloseOnExec | (isTemporary ? Create : 0) | (isDirect ? Direct : 0), 0x180);
        if (Fd < 0)
            throw new SystemCallException($"open {path}", Marshal.GetLastPInvokeError());
    }

    public string Path { get; }

    public int Fd { get; }

    public static TestFile Temporary(long length, bool isDirect = false, string? folder = null)
    {
        string path = System.IO.Path.Combine(folder ?? AppContext.BaseDirectory, $"disk-{Guid.NewGuid():N}");
        using (FileStream stream = File.Create(path))
            stream.SetLength(length);
        return new TestFile(path, isDirect, isTemporary: true);
    }

    public static TestFile Existing(string path, bool isDirect) => new(path, isDirect, isTemporary: false);

    public void Dispose()
    {
        SocketCalls.Close(Fd);
        if (_isTemporary)
            File.Delete(Path);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);
}
