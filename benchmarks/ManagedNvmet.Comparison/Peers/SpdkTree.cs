namespace ManagedNvmet.Comparison.Peers;

/// <summary>The programs of a built SPDK source tree.</summary>
public sealed class SpdkTree
{
    /// <param name="folder">Path of the tree.</param>
    /// <exception cref="ComparisonException">build/bin does not contain the target or perf.</exception>
    public SpdkTree(string folder)
    {
        Target = Program(folder, "nvmf_tgt");
        Perf = Program(folder, "spdk_nvme_perf");
        Libraries = $"{Path.GetFullPath(folder)}/build/lib:{Path.GetFullPath(folder)}/isa-l/.libs";
    }

    /// <summary>Path of the target.</summary>
    public string Target { get; }

    /// <summary>Path of the load generator.</summary>
    public string Perf { get; }

    /// <summary>Folders of the shared libraries, separated by colons, for builds that use them.</summary>
    public string Libraries { get; }

    private static string Program(string folder, string name)
    {
        string path = Path.Combine(Path.GetFullPath(folder), "build", "bin", name);
        return File.Exists(path)
            ? path
            : throw new ComparisonException($"--spdk is '{folder}', but {path} does not exist; give a built source tree.");
    }
}
