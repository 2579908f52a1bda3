using System.Security.Cryptography;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>The root file system and the kernels that setup.sh builds.</summary>
public static class GuestImages
{
    private static readonly string[] Recipe = ["setup.sh", "guest/packages", "guest/modules", "guest/initramfs-init"];

    /// <summary>The folder that setup.sh fills. The tests also keep their files there, because it is on a disk and not in memory.</summary>
    public static string Cache { get; } = FindCache();

    public static string RootFileSystem => Path.Combine(Cache, "root.squashfs");

    public static string KernelImage(string kernel) => Path.Combine(Cache, $"kernel-{kernel}", "vmlinuz");

    public static string InitialRamdisk(string kernel) => Path.Combine(Cache, $"kernel-{kernel}", "initrd");

    /// <summary>Why no guest can be started; null when guests can be started.</summary>
    public static string? Missing { get; } = FindMissing();

    private static string FindCache()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Environment.GetEnvironmentVariable("MANAGEDNVMET_E2E_CACHE") is { Length: > 0 } explicitly
            ? Path.GetFullPath(explicitly)
            : Path.Combine(
                Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches ? caches : Path.Combine(home, ".cache"),
                "managednvmet-e2e");
    }

    private static string? FindMissing()
    {
        const string remedy = "run tests/ManagedNvmet.EndToEnd/setup.sh as root";
        var stamp = Path.Combine(Cache, "recipe");
        if (!File.Exists(stamp))
        {
            return $"The guests are not built in {Cache}: {remedy}.";
        }

        var contents = Recipe.SelectMany(name => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, name))).ToArray();
        return File.ReadAllText(stamp).Trim() == Convert.ToHexStringLower(SHA256.HashData(contents))
            ? null
            : $"The guests in {Cache} were built from another version of the set-up files: {remedy} again.";
    }
}
