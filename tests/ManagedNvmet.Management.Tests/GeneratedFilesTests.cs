using System.Runtime.CompilerServices;

namespace ManagedNvmet.Management.Tests;

/// <summary>The documents that are generated from the table of metrics are up to date. To generate them again, run this test with the
/// environment variable MANAGEDNVMET_WRITE_SNAPSHOTS=1.</summary>
public sealed class GeneratedFilesTests
{
    public static TheoryData<string> Files => ["docs/reference/metrics.md", "packaging/grafana/managed-nvmet.json",
        "packaging/prometheus/managed-nvmet.rules.yml"];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_generated_file_is_up_to_date(string file)
    {
        string expected = file switch
        {
            "docs/reference/metrics.md" => MetricDocuments.Reference(),
            "packaging/grafana/managed-nvmet.json" => MetricDocuments.Board(),
            _ => MetricDocuments.Rules(),
        };
        string path = Path.Combine(Repository(), file);
        if (Environment.GetEnvironmentVariable("MANAGEDNVMET_WRITE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path), $"{file} is missing; MANAGEDNVMET_WRITE_SNAPSHOTS=1 writes it.");
        Assert.Equal(expected, File.ReadAllText(path));
    }

    private static string Repository([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
