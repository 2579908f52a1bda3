using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Comparison;

/// <summary>What the machine is and does.</summary>
public static class Machine
{
    /// <summary>The processor that servers run on.</summary>
    public const int ServerCore = 0;

    /// <summary>The load average of the last minute.</summary>
    public static double LoadAverage() =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>The processor that clients run on: another one where there is one.</summary>
    public static int ClientCore { get; } = Environment.ProcessorCount > 1 ? 1 : 0;

    /// <summary>Keeps this process off the servers' processor.</summary>
    public static void KeepToClientCore()
    {
        using Process self = Process.GetCurrentProcess();
        self.ProcessorAffinity = 1 << ClientCore;
    }

    /// <summary>A TCP port of 127.0.0.1 that nobody uses at this moment.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Where a program is, or null.</summary>
    public static string? Find(string program)
    {
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin"]);
        return folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    /// <summary>Resident memory of a process, in MiB.</summary>
    public static double ResidentMebibytes(int processId)
    {
        string line = File.ReadLines($"/proc/{processId}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
