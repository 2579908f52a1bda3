namespace ManagedNvmet.Comparison.Peers;

/// <summary>The programs of a tree of SPDK that somebody built.</summary>
public sealed class SpdkTree
{
    /// <param name="folder">The tree.</param>
    /// <exception cref="ComparisonException">It has no target or no perf in build/bin.</exception>
    public SpdkTree(string folder)
    {
        Target = Program(folder, "nvmf_tgt");
        Perf = Program(folder, "spdk_nvme_perf");
        Libraries = $"{Path.GetFullPath(folder)}/build/lib:{Path.GetFullPath(folder)}/isa-l/.libs";
    }

    /// <summary>The target.</summary>
    public string Target { get; }

    /// <summary>The load generator.</summary>
    public string Perf { get; }

    /// <summary>Where a build with shared libraries has them.</summary>
    public string Libraries { get; }

    private static string Program(string folder, string name)
    {
        string path = Path.Combine(Path.GetFullPath(folder), "build", "bin", name);
        return File.Exists(path)
            ? path
            : throw new ComparisonException($"--spdk is '{folder}', but {path} does not exist. Name a tree that is built.");
    }
}
