using System.Runtime.CompilerServices;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Compares texts with files in the repository, so that a review shows how a change affects them.</summary>
internal static class Snapshot
{
    /// <summary>Asserts that a text equals a file of the repository. With MANAGEDNVMET_WRITE_SNAPSHOTS=1 it writes the file
    /// first.</summary>
    public static void Check(string path, string actual)
    {
        string file = Path.Combine(RepositoryFolder(), path);
        if (Environment.GetEnvironmentVariable("MANAGEDNVMET_WRITE_SNAPSHOTS") == "1")
            File.WriteAllText(file, actual);

        Assert.Equal(File.ReadAllText(file), actual);
    }

    /// <summary>Returns the root folder of the repository, computed from the path of this source file.</summary>
    public static string RepositoryFolder([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
