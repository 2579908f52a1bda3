using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ManagedNvmet.Comparison;

/// <summary>Facts about the machine: processors, load, free ports, installed programs.</summary>
public static class Machine
{
    /// <summary>Processor on which servers run.</summary>
    public const int ServerCore = 0;

    /// <summary>Returns the load average of the last minute.</summary>
    public static double LoadAverage() =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Processor on which clients run: a different one, if the machine has more than one.</summary>
    public static int ClientCore { get; } = Environment.ProcessorCount > 1 ? 1 : 0;

    /// <summary>Binds this process to the clients' processor.</summary>
    public static void KeepToClientCore()
    {
        using Process self = Process.GetCurrentProcess();
        self.ProcessorAffinity = 1 << ClientCore;
    }

    /// <summary>Returns a TCP port of 127.0.0.1 that is free at this moment.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Returns the path of an installed program, or null.</summary>
    public static string? Find(string program)
    {
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin"]);
        return folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    /// <summary>Returns the resident memory of a process in MiB.</summary>
    public static double ResidentMebibytes(int processId)
    {
        string line = File.ReadLines($"/proc/{processId}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
