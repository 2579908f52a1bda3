using System.Runtime.CompilerServices;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Texts that stand in the repository so that a review sees what a change does to them.</summary>
internal static class Snapshot
{
    /// <summary>Compares with a file of the repository; with MANAGEDNVMET_WRITE_SNAPSHOTS=1 it is written first.</summary>
    public static void Check(string path, string actual)
    {
        string file = Path.Combine(RepositoryFolder(), path);
        if (Environment.GetEnvironmentVariable("MANAGEDNVMET_WRITE_SNAPSHOTS") == "1")
            File.WriteAllText(file, actual);

        Assert.Equal(File.ReadAllText(file), actual);
    }

    /// <summary>The repository, found from this source file.</summary>
    public static string RepositoryFolder([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
