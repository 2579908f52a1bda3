using System.Globalization;

namespace ManagedNvmet.Server.Doctor;

/// <summary>What this machine needs as a host, and as a target.</summary>
internal static class MachineChecks
{
    private const string HostNqnPath = "/etc/nvme/hostnqn";
    private const string HostIdPath = "/etc/nvme/hostid";
    private const long EnoughFiles = 4096;
    private const int OldestSensibleYear = 2024;

    /// <summary>What a host needs: nvme-cli, the module, and a name of its own.</summary>
    /// <returns>HOSTNQN and HOSTID, as far as there are any.</returns>
    public static (Nqn? Host, Guid? HostId) Host(List<Finding> findings)
    {
        string? tool = Array.Find(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin").Select(folder =>
                Path.Combine(folder, "nvme")).ToArray(),
            File.Exists);
        findings.Add(tool is not null
            ? Finding.Good("nvme-cli", $"{tool} is here.")
            : Finding.Hint("nvme-cli", "There is no nvme command on this machine.",
                "A host needs it: apt-get install nvme-cli, or dnf install nvme-cli."));
        CheckModule(findings);

        Nqn? host = ReadLine(HostNqnPath) is { } text && Nqn.TryParse(text, out Nqn? parsed) ? parsed : null;
        Guid? hostId = Guid.TryParse(ReadLine(HostIdPath), out Guid id) ? id : null;
        findings.Add(host is not null
            ? Finding.Good("host nqn", $"{host} ({HostNqnPath}).")
            : Finding.Hint("host nqn", $"There is no name of this host in {HostNqnPath}.",
                $"nvme gen-hostnqn > {HostNqnPath}; the check goes on with another name."));
        if (host is not null && hostId is { } own && host.Text.Contains("uuid:", StringComparison.Ordinal)
            && !host.Text.EndsWith(own.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            findings.Add(Finding.Hint("host id", $"{HostIdPath} is {own}, another one than in the host NQN.",
                "It works as long as no other host has one of the two; a copied machine has both: make both anew there."));
        }
        return (host, hostId);
    }

    /// <summary>What a target needs: file descriptors, io_uring, and a clock that is right.</summary>
    public static void Server(List<Finding> findings)
    {
        string? limit = ReadLines("/proc/self/limits").FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        string[] fields = limit?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (fields.Length > 3 && long.TryParse(fields[3], CultureInfo.InvariantCulture, out long files))
        {
            findings.Add(files >= EnoughFiles
                ? Finding.Good("open files", $"A process may open {files}.")
                : Finding.Hint("open files", $"A process may open {files}; each connection takes one.",
                    "For a target with many hosts: ulimit -n 65536, or LimitNOFILE=65536 in the unit."));
        }
        string? disabled = ReadLine("/proc/sys/kernel/io_uring_disabled");
        findings.Add(disabled is null or "0"
            ? Finding.Good("io_uring", disabled is null ? "The kernel has no switch that forbids it." : "It is allowed.")
            : Finding.Hint("io_uring", $"kernel.io_uring_disabled is {disabled}: worker threads carry the disks of a target here.",
                "sysctl kernel.io_uring_disabled=0 allows it."));
        bool isSynchronized = File.Exists("/run/systemd/timesync/synchronized") || Directory.Exists("/run/chrony")
            || Directory.Exists("/var/lib/ntp");
        findings.Add(TimeProvider.System.GetUtcNow().Year < OldestSensibleYear
            ? Finding.Bad("clock", $"The clock says {TimeProvider.System.GetUtcNow():yyyy-MM-dd}.",
                "Set it; certificates and the times in logs depend on it.")
            : isSynchronized
                ? Finding.Good("clock", "It is kept right by a time service.")
                : Finding.Hint("clock", "No time service was found that keeps it right.",
                    "systemd-timesyncd or chrony; logs of host and target are compared by it."));
    }

    /// <summary>Whether a disk can be opened by this user.</summary>
    public static void Disk(string path, List<Finding> findings)
    {
        try
        {
            using FileStream file = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            findings.Add(Finding.Good("disk", $"{path} can be read and written by this user."));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            findings.Add(Finding.Bad("disk", $"{path} cannot be opened: {exception.Message}",
                "Block devices belong to the group disk: usermod -a -G disk USER, or SupplementaryGroups=disk in the unit; files need "
                    + "rights on the folder too."));
        }
    }

    private static void CheckModule(List<Finding> findings)
    {
        string? release = ReadLine("/proc/sys/kernel/osrelease");
        string folder = $"/lib/modules/{release}/kernel/drivers/nvme/host";
        bool isFound = Directory.Exists(folder) && Directory.EnumerateFiles(folder, "nvme-tcp.ko*").Any();
        bool isBuiltIn = ReadLines($"/lib/modules/{release}/modules.builtin").Any(line => line.EndsWith("/nvme-tcp.ko",
            StringComparison.Ordinal));
        findings.Add(Directory.Exists("/sys/module/nvme_tcp")
            ? Finding.Good("nvme-tcp", "The kernel has loaded it.")
            : isFound || isBuiltIn
                ? Finding.Hint("nvme-tcp", "The kernel has it and has not loaded it.", "modprobe nvme-tcp")
                : Finding.Hint("nvme-tcp", $"The kernel {release} of this machine has no such module.",
                    "A host needs CONFIG_NVME_TCP; Debian's and Fedora's kernels have it."));
    }

    private static string? ReadLine(string path) => ReadLines(path).FirstOrDefault()?.Trim();

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
