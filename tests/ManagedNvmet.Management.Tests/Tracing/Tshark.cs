using System.Diagnostics;
using System.Globalization;

namespace ManagedNvmet.Management.Tests.Tracing;

/// <summary>Runs tshark, which uses Wireshark's dissectors.</summary>
internal static class Tshark
{
    private const string Binary = "/usr/bin/tshark";
    private const int SegmentationFault = 128 + 11;

    public static void Require() => Assert.SkipUnless(File.Exists(Binary), "There is no tshark on this machine: apt-get install tshark.");

    /// <summary>Returns field values of the packets that match a display filter, one array per packet.</summary>
    public static async Task<string[][]> ReadAsync(string file, int port, string filter, params string[] fields)
    {
        string[] arguments =
        [
            "-d", string.Create(CultureInfo.InvariantCulture, $"tcp.port=={port},nvme-tcp"), "-r", file, "-Y", filter, "-T", "fields",
            .. fields.SelectMany(field => (string[])["-e", field]),
        ];
        using var process = Process.Start(new ProcessStartInfo(Binary, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C.UTF-8", ["HOME"] = Path.GetDirectoryName(file)! },
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.SkipWhen(
            process.ExitCode == SegmentationFault, "This tshark crashes (SIGSEGV) in its NVMe dissector, as 4.0 does on some traces.");
        Assert.True(process.ExitCode == 0, $"tshark ended with {process.ExitCode}: {await error}");
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
    }
}
