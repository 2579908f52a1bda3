using System.Net.Sockets;
using System.Text.RegularExpressions;
using ManagedNvmet.Management.Metrics;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Tests;

public sealed partial class MetricTests
{
    private const int BlockBytes = 512;

    [Fact]
    public async Task Every_row_of_the_table_is_a_family_of_the_Prometheus_text()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        var host = await managed.ConnectAsync();
        (await host.WriteAsync(0, 1, 0, 1, Initiator.InitiatorController.AllocatePinned(BlockBytes))).Require("Write");

        string text = await managed.OnSocket().GetStringAsync("/metrics");

        foreach (MetricDefinition definition in MetricTable.All)
            Assert.Contains($"# TYPE {definition.PrometheusName} {definition.Kind.ToString().ToLowerInvariant()}\n", text,
                StringComparison.Ordinal);
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
        string labels = $$"""{subsystem="{{ManagedServer.Nqn}}",namespace="1",host="{{HostNqn}}",operation="write"}""";
        Assert.Contains($"nvmet_io_commands_total{labels} 1\n", text, StringComparison.Ordinal);
        Assert.Contains($"nvmet_io_bytes_total{labels} 512\n", text, StringComparison.Ordinal);
        Assert.Contains($"nvmet_io_latency_seconds_count{labels} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("nvmet_sessions{kind=\"io\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("nvmet_hosts_connected 1\n", text, StringComparison.Ordinal);
        Assert.Matches(@"nvmet_keep_alive_slack_seconds \d", text);
    }

    [Fact]
    public async Task The_buckets_of_a_histogram_grow_to_its_count()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        var host = await managed.ConnectAsync();
        Memory<byte> data = Initiator.InitiatorController.AllocatePinned(BlockBytes);
        for (int block = 0; block < 100; block++)
            (await host.ReadAsync(0, 1, (ulong)block, 1, data)).Require("Read");

        string text = await managed.OnSocket().GetStringAsync("/metrics");

        double[] buckets =
        [
            .. Regex.Matches(text, "nvmet_io_latency_seconds_bucket{.*operation=\"read\",le=\"[^\"]+\"} (\\d+)").Select(match =>
                double.Parse(match.Groups[1].Value)),
        ];
        Assert.Equal(buckets.Order(), buckets);
        Assert.Equal(100, buckets[^1]);
        Assert.Contains("le=\"+Inf\"} 100\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_hosts_send_damaged_or_wrong_is_counted_by_what_was_wrong_with_it()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();

        await SendAsync(managed, InitializeConnection(digests: 1), Connect(flags: 1));
        await SendAsync(managed, InitializeConnection(digests: 2), Connect(flags: 2));
        await SendAsync(managed, Connect(flags: 0));
        await SendAsync(managed, InitializeConnection(digests: 0), [0x55, .. new byte[127]]);

        string text = await managed.OnSocket().GetStringAsync("/metrics");
        Assert.Contains("nvmet_transport_digest_errors_total{part=\"header\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("nvmet_transport_digest_errors_total{part=\"data\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("nvmet_transport_pdu_errors_total{status=\"HeaderDigestError\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("nvmet_transport_pdu_errors_total{status=\"PduSequenceError\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("nvmet_transport_pdu_errors_total{status=\"InvalidHeaderField\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("nvmet_transport_pdu_errors_total{status=\"LimitExceeded\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("nvmet_buffers_waiting{shard=\"0\"} 0\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_fit_and_none_is_given_twice()
    {
        string[] names = [.. MetricTable.All.Select(each => each.PrometheusName)];

        Assert.All(names, name => Assert.Matches("^nvmet_[a-z_]+$", name));
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(MetricTable.All, each => Assert.False(string.IsNullOrWhiteSpace(each.Help) || each.Help.EndsWith('.')));
        Assert.All(MetricTable.All, each => Assert.Equal(each.Kind == MetricKind.Counter, each.PrometheusName.EndsWith("_total",
            StringComparison.Ordinal)));
    }

    [Fact]
    public void Beyond_the_limit_rows_are_summed_and_those_that_were_first_keep_their_series()
    {
        var limit = new SeriesLimit(capacity: 2);
        IoStatistics[] rows = [Row("a", 1), Row("b", 2), Row("c", 4), Row("d", 8)];

        limit.Apply(rows[..2]);
        IReadOnlyList<IoStatistics> later = limit.Apply([.. rows.Reverse()]);

        Assert.Equal(["b", "a", SeriesLimit.Others], later.Select(row => row.HostNqn));
        Assert.Equal([2UL, 1UL, 12UL], later.Select(row => row.Commands));
        Assert.Equal([12UL, 0UL], later[2].LatencyBuckets);
    }

    [Fact]
    public void Rows_that_did_nothing_take_no_series()
    {
        var limit = new SeriesLimit(capacity: 1);

        Assert.Empty(limit.Apply([Row("a", 0)]));
        Assert.Equal("b", Assert.Single(limit.Apply([Row("a", 0), Row("b", 1)])).HostNqn);
    }

    // Sends PDUs and waits until the server has responded to the last one or has closed the connection because of it.
    private static async Task SendAsync(ManagedServer managed, params byte[][] pdus)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(managed.Server.EndPoints[0]);
        NetworkStream stream = client.GetStream();
        byte[] answer = new byte[128];
        for (int index = 0; index < pdus.Length; index++)
        {
            await stream.WriteAsync(pdus[index]);
            Assert.True(await stream.ReadAsync(answer) > 0);
        }
    }

    private static byte[] InitializeConnection(byte digests)
    {
        byte[] pdu = new byte[128];
        pdu[2] = 128;
        pdu[4] = 128;
        pdu[11] = digests;
        return pdu;
    }

    // A capsule with a Connect command. If the flags announce a digest, the digest is zero, which is wrong.
    private static byte[] Connect(byte flags)
    {
        int headerBytes = 72 + (flags & 1) * 4;
        byte[] pdu = new byte[headerBytes + 1024 + (flags & 2) * 2];
        pdu[0] = 4;
        pdu[1] = flags;
        pdu[2] = 72;
        pdu[3] = (byte)headerBytes;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(pdu.AsSpan(4), pdu.Length);
        pdu[8] = 0x7F;
        pdu[9] = 0x40;
        pdu[12] = 1;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(pdu.AsSpan(8 + 32), 1024);
        pdu[8 + 39] = 1;
        return pdu;
    }

    private static string HostNqn => new Initiator.InitiatorOptions { EndPoint = null!, SubsystemNqn = null!, Shards = null! }.HostNqn.Text;

    private static IoStatistics Row(string host, ulong commands) => new()
    {
        HostNqn = host,
        SubsystemNqn = "s",
        NamespaceId = 1,
        Commands = commands,
        LatencyBuckets = [commands, 0],
        LatencyBounds = [1],
    };

    [GeneratedRegex("^(# (HELP|TYPE) nvmet_[a-z_]+ .+|nvmet_[a-z_]+(\\{([a-z]+=\"[^\"]*\",?)+\\})? [0-9.E+-]+)$")]
    private static partial Regex Line();
}
