using ManagedNvmet.Plots;
using Xunit;

namespace ManagedNvmet.LoadGenerator.Tests;

public sealed class PlotTests
{
    [Fact]
    public void Rounds_of_one_load_on_one_target_become_one_point_with_its_median()
    {
        ResultSet results = ResultSet.From(
        [
            Result("ours", 1, 32, 300), Result("ours", 1, 32, 100), Result("ours", 1, 32, 120), Result("ours", 1, 1, 10),
            Result("theirs", 1, 32, 90),
        ]);

        Assert.Equal(["ours", "theirs"], results.Labels);
        Assert.Equal([(1, 1), (32, 3), (32, 1)], results.Points.Select(point => (point.Load.QueueDepth, point.Rounds.Count)));
        Assert.Equal(120, results.Points[1].Median(result => result.Iops));
        Assert.Equal(120, results.Points[1].Middle.Iops);
        Assert.Null(results.Points[1].Median(result => result.ServerCpuMicrosecondsPerIo));
    }

    [Fact]
    public void The_table_has_a_row_for_each_point()
    {
        string table = ResultSummary.Of(ResultSet.From([Result("ours", 1, 32, 300), Result("ours", 4, 8, 200), Result("ours", 4, 8, 220)]));

        Assert.Contains(
            "| ours | 4 KiB random read, depth 32 x 1 | 1 | 300 | 300 to 300 | – | 2.00 | 20.0 | 40.0 | 0 |",
            table,
            StringComparison.Ordinal);
        Assert.Contains("| ours | 4 KiB random read, depth 8 x 4 | 2 | 210 | 200 to 220 |", table, StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_a_picture_for_everything_that_was_measured()
    {
        string folder = Directory.CreateTempSubdirectory("managed-nvmet-").FullName;
        try
        {
            ResultSet results = ResultSet.From(
            [
                Result("ours", 1, 1, 100), Result("ours", 1, 32, 300, server: 2), Result("ours", 1, 128, 500, server: 1),
                Result("ours", 4, 32, 400),
                Result("theirs", 1, 1, 90), Result("theirs", 1, 32, 200), Result("theirs", 1, 32, 210),
            ]);

            string[] files = [.. new LoadPlots(results, "a machine").Save(folder)];

            Assert.Equal(
                ["iops-by-depth.png", "cpu-by-depth.png", "iops-by-connections.png", "latency-distribution.png"],
                files.Select(file => Path.GetFileName(file)));
            Assert.All(files, file => Assert.Equal("PNG"u8.ToArray(), File.ReadAllBytes(file)[1..4]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_load_with_digests_or_another_mix_is_no_part_of_a_curve()
    {
        LoadResult plain = Result("ours", 1, 32, 300);
        ResultSet results = ResultSet.From(
        [
            plain,
            plain with { Load = plain.Load with { DataDigest = true } },
            plain with { Load = plain.Load with { HeaderDigest = true } },
            plain with { Load = plain.Load with { ReadPercent = 70 } },
        ]);

        Assert.Equal(4, results.Points.Count);
        Assert.Equal([plain.Load], new LoadPlots(results, note: null).Points.Select(point => point.Load));
    }

    [Fact]
    public void A_file_that_is_no_result_is_named()
    {
        string folder = Directory.CreateTempSubdirectory("managed-nvmet-").FullName;
        try
        {
            string file = Path.Combine(folder, "other.json");
            File.WriteAllText(file, "{}");

            Assert.Contains(
                file, Assert.Throws<System.Text.Json.JsonException>(() => ResultSet.Read(folder)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LoadResult Result(string label, int queues, int depth, double iops, double? server = null) => new()
    {
        Label = label,
        Target = "192.0.2.7:4420",
        Subsystem = "nqn.2026-11.io.example:load",
        NamespaceId = 1,
        Load = new LoadDescription
        {
            Mode = "closed",
            Rate = null,
            ReadPercent = 100,
            Pattern = "random",
            TransferBytes = 4096,
            QueueDepth = depth,
            Queues = queues,
            Shards = 1,
            HeaderDigest = false,
            DataDigest = false,
            Verify = false,
            // Each round has another duration and end, as in reality. They must still be grouped.
            Seconds = 1 + (iops / 1e6),
            MeasuredUntil = DateTimeOffset.UnixEpoch.AddSeconds(iops),
            WarmUpSeconds = 1,
            Spin = false,
            RangeBytes = 1 << 30,
        },
        Iops = iops,
        BytesPerSecond = iops * 4096,
        Latency = new LatencySummary(5, 20, 18, 30, 40, 50, 60, 70),
        ReadLatency = null,
        WriteLatency = null,
        Errors = 0,
        VerificationFailures = 0,
        QueueIops = [iops],
        ServerCpuMicrosecondsPerIo = server,
        ClientCpuMicrosecondsPerIo = 2,
        Histogram = [[10, 50], [20, 40], [70, 10]],
    };
}
