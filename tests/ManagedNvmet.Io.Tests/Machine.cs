using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Tests;

/// <summary>Loop devices, small mounts and huge pages for tests. Tests are skipped on machines without them.</summary>
internal static class Machine
{
    /// <summary>Attaches a file to a loop device with direct I/O, or skips the test.</summary>
    public static LoopDevice Loop(string file)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A loop device needs root.");
        (int exit, string output) = Call("losetup", "--find", "--show", file);
        Assert.SkipUnless(exit == 0, $"No loop device is to be had: {output}");
        return new LoopDevice(output);
    }

    /// <summary>Mounts a new file system in memory, or skips the test.</summary>
    public static MountedFolder Mount(string type, string options)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A mount needs root.");
        string folder = Directory.CreateTempSubdirectory("mnvmet-").FullName;
        (int exit, string output) = Call("mount", "-t", type, "-o", options, "none", folder);
        if (exit != 0)
            Directory.Delete(folder);
        Assert.SkipUnless(exit == 0, $"No {type} can be mounted: {output}");
        return new MountedFolder(folder);
    }

    /// <summary>Skips the test where the kernel provides no transparent huge pages on request (madvise).</summary>
    public static void NeedsHugePages()
    {
        const string setting = "/sys/kernel/mm/transparent_hugepage/enabled";
        Assert.SkipWhen(
            !File.Exists(setting) || File.ReadAllText(setting).Contains("[never]"), "The kernel gives no transparent huge pages.");
    }

    /// <summary>Returns the number of bytes in huge pages of the mapping that contains the memory, and of adjacent mappings. The memory
    /// must be pinned.</summary>
    public static long HugeBytesAround(ReadOnlyMemory<byte> memory)
    {
        long first = Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(memory.Span));
        long huge = 0;
        bool isInside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
            if (long.TryParse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long start))
                isInside = start < first + memory.Length && first < long.Parse(
                    words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            else if (isInside && words[0] == "AnonHugePages:")
                huge += long.Parse(words[1], CultureInfo.InvariantCulture) * 1024;
        }
        return huge;
    }

    public static (int Exit, string Output) Call(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            string output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output.Trim());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, e.Message);
        }
    }

    internal sealed record LoopDevice(string Path) : IDisposable
    {
        public void Dispose() => Call("losetup", "--detach", Path);
    }

    internal sealed record MountedFolder(string Path) : IDisposable
    {
        public void Dispose()
        {
            Call("umount", Path);
            Directory.Delete(Path);
        }
    }
}
