using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;
using ManagedNvmet.Comparison.Results;
using Xunit;

namespace ManagedNvmet.Comparison.Tests;

public sealed class ClientOutputTests
{
    private const string FioOutput = """
        fio: a warning that stands before the result
        { "jobs": [ { "error": ERROR,
          "read": { "iops": 3000.0, "bw_bytes": 12288000, "lat_ns": { "mean": 20000.0 },
            "clat_ns": { "percentile": { "50.000000": 10000, "99.000000": 40000, "99.900000": 50000 } } },
          "write": { "iops": WRITES, "bw_bytes": 4096000, "lat_ns": { "mean": 40000.0 },
            "clat_ns": { "percentile": { "50.000000": 10000, "99.000000": 40000, "99.900000": 50000 } } } } ] }
        """;

    [Fact]
    public void Fio_reads_give_rate_and_percentiles()
    {
        Sample sample = FioClient.Read(FioOutput.Replace("ERROR", "0").Replace("WRITES", "0"));

        Assert.Equal(3000, sample.Values[Metric.Iops]);
        Assert.Equal(20, sample.Values[Metric.MeanLatency]);
        Assert.Equal(40, sample.Values[Metric.P99Latency]);
        Assert.Equal(5, sample.Values[Metric.TailFactor]);
    }

    [Fact]
    public void A_mix_adds_both_directions_and_weighs_their_latency()
    {
        Sample sample = FioClient.Read(FioOutput.Replace("ERROR", "0").Replace("WRITES", "1000.0"));

        Assert.Equal(4000, sample.Values[Metric.Iops]);
        Assert.Equal(25, sample.Values[Metric.MeanLatency]);
        Assert.DoesNotContain(Metric.P99Latency, sample.Values.Keys);
    }

    [Fact]
    public void An_error_of_fio_is_no_sample() =>
        Assert.Throws<ComparisonException>(() => FioClient.Read(FioOutput.Replace("ERROR", "5").Replace("WRITES", "0")));

    [Fact]
    public void Perf_gives_its_total_and_percentiles()
    {
        const string Text = """
            Device Information            :       IOPS      MiB/s    Average        min        max
            TCP (addr:127.0.0.1) NSID 1   :    2000.50       7.81     442.21      81.59   32150.67
            ========================================================
            Total                         :    2000.50       7.81     442.21      81.59   32150.67
             50.00000% :   100.000us
             99.00000% :   300.000us
             99.90000% :   500.000us
            """;

        Sample sample = SpdkPerfClient.Read(Text, 4096);

        Assert.Equal(2000.5, sample.Values[Metric.Iops]);
        Assert.Equal(2000.5 * 4096, sample.Values[Metric.BytesPerSecond]);
        Assert.Equal(442.21, sample.Values[Metric.MeanLatency]);
        Assert.Equal(300, sample.Values[Metric.P99Latency]);
        Assert.Equal(5, sample.Values[Metric.TailFactor]);
    }

    [Fact]
    public void Perf_without_a_total_is_no_sample() =>
        Assert.Throws<ComparisonException>(() => SpdkPerfClient.Read("no such address", 4096));

    [Fact]
    public void Iscsi_perf_gives_the_average_of_the_whole_run_and_latency_follows_from_the_depth()
    {
        const string Text = "00:00:01 - iops current 5 (0 MB/s), iops average 5 (0 MB/s)\riops average 16000 (62 MB/s)\n\nfinished.";

        Sample sample = IscsiPerfClient.Read(Text, new Load { Depth = 32 });

        Assert.Equal(16000, sample.Values[Metric.Iops]);
        Assert.Equal(2000, sample.Values[Metric.MeanLatency]);
    }

    [Fact]
    public void Iscsi_perf_without_an_average_is_no_sample() =>
        Assert.Throws<ComparisonException>(() => IscsiPerfClient.Read("login failed", new Load { Depth = 1 }));
}
