using System.Diagnostics;

namespace ManagedNvmet.Io.Tests;

/// <summary>Loop devices and small mounts, for tests that need a real device; they are skipped where that is not allowed.</summary>
internal static class Machine
{
    /// <summary>Attaches a file to a loop device with direct I/O beneath, or skips the test.</summary>
    public static LoopDevice Loop(string file)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A loop device needs root.");
        (int exit, string output) = Call("losetup", "--find", "--show", file);
        Assert.SkipUnless(exit == 0, $"No loop device is to be had: {output}");
        return new LoopDevice(output);
    }

    /// <summary>Mounts a memory file system of its own, or skips the test.</summary>
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
