using System.Diagnostics;

namespace ManagedNvmet.Server.Tests;

/// <summary>Programs and capabilities of this machine that tests need.</summary>
internal static class Machine
{
    public static bool IsRoot => Environment.UserName == "root";

    public static bool Has(string command) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin"])
        .Any(folder => File.Exists(Path.Combine(folder, command)));

    /// <summary>Runs a command until it ends. Returns its exit code and output.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C" },
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }

    public static async Task<string> RequireAsync(string command, params string[] arguments)
    {
        (int exitCode, string output) = await RunAsync(command, arguments);
        Assert.True(exitCode == 0, $"{command} {string.Join(' ', arguments)} ended with {exitCode}: {output}");
        return output.Trim();
    }
}
