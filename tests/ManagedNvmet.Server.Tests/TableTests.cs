using System.Globalization;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;
using ManagedNvmet.Server.Verbs;

namespace ManagedNvmet.Server.Tests;

/// <summary>Tables of verbs in terminals of 80 and more columns, with names as they are in the field.</summary>
public sealed class TableTests
{
    private const string Vendor = "nqn.2014-08.org.nvmexpress:uuid:4c4c4544-0042-3510-8053-b4c04f4e4631";
    private const string Twin = "nqn.2014-08.org.nvmexpress:uuid:4c4c4544-0042-3510-8053-b4c04f4e4632";
    private const string Clone = "nqn.2014-08.org.nvmexpress:uuid:4c4c4544-9999-9999-9999-999999994631";
    private const string Disk = "nqn.2026-11.com.example:tank-database-of-the-accounting-department";

    private static readonly IReadOnlyList<Column<(long Number, string Host, string From, string Subsystem)>> Columns =
    [
        new("session", row => row.Number.ToString(CultureInfo.InvariantCulture)),
        new("host", row => row.Host) { IsName = true },
        new("from", row => row.From) { Priority = 2 },
        new("state", _ => "ready"),
        new("i/o queues", _ => "16"),
        new("in flight", _ => "128") { Priority = 3 },
        new("keep alive", _ => "5 s") { Priority = 4 },
        new("subsystem", row => row.Subsystem) { IsName = true, Priority = 1 },
    ];

    private static readonly (long Number, string Host, string From, string Subsystem)[] Rows =
        [(17, Vendor, "[2001:db8:77::1234]:51234", Disk), (18, Twin, "192.0.2.7:51236", Disk)];

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(120)]
    [InlineData(200)]
    public void The_columns_that_matter_are_there_at_every_width(int width)
    {
        IReadOnlyList<string> lines = TextTable.Lines(Rows, Columns, width);

        Assert.All(lines.Take(3), line => Assert.True(line.Length <= width, $"{line.Length} > {width}: {line}"));
        Assert.StartsWith("SESSION  HOST", lines[0], StringComparison.Ordinal);
        Assert.Contains("I/O QUEUES", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("17 ", lines[1], StringComparison.Ordinal);
        Assert.Contains("16", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_names_and_all_columns_are_shown_where_there_is_room()
    {
        IReadOnlyList<string> lines = TextTable.Lines(Rows, Columns, int.MaxValue);

        Assert.Equal(3, lines.Count);
        Assert.Contains(Vendor, lines[1], StringComparison.Ordinal);
        Assert.Contains(Disk, lines[1], StringComparison.Ordinal);
        Assert.Contains("KEEP ALIVE", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_narrow_table_says_what_it_leaves_out_the_least_important_first()
    {
        Assert.Equal("(names are short; left out: keep alive, in flight, from; --wide shows all)", TextTable.Lines(
            [(17L, Vendor, "192.0.2.7:51236", "nqn.2026-11.com.example:db")], Columns, 60)[^1]);
    }

    [Fact]
    public void Short_names_of_different_names_are_different()
    {
        Assert.Equal(["uuid:4c4c4544…4631", "uuid:4c4c4544…4632"], ShortNames.Of([Vendor, Twin]));
        Assert.Equal(
            [Vendor["nqn.2014-08.org.nvmexpress:".Length..], Clone["nqn.2014-08.org.nvmexpress:".Length..]],
            ShortNames.Of([Vendor, Clone]));
        Assert.Equal(
            ["nqn.2026-11.com.example:db", "nqn.2026-11.org.example:db"],
            ShortNames.Of(["nqn.2026-11.com.example:db", "nqn.2026-11.org.example:db"]));
        Assert.Equal(["db", "db", "web", "/dev/sdb", "nqn.x:"], ShortNames.Of(
            ["nqn.2026-11.com.example:db", "nqn.2026-11.com.example:db", "nqn.2026-11.com.example:web", "/dev/sdb", "nqn.x:"]));
    }

    [Theory]
    [InlineData("abcdefghij", 10, "abcdefghij")]
    [InlineData("abcdefghij", 9, "abcd…ghij")]
    [InlineData("abcdefghij", 3, "a…j")]
    public void A_text_is_cut_in_its_middle(string text, int length, string expected) =>
        Assert.Equal(expected, ShortNames.Cut(text, length));

    [Fact]
    public void Rates_count_everything_though_the_list_of_rows_is_cut()
    {
        IoStatistics[] first = [.. Enumerable.Range(0, OverviewMaker.ListLength).Select(index => Row(index, 1000))];
        IoStatistics[] second = [.. first.Select(row => row with { Commands = row.Commands + 2 })];
        Overview before = Made(0, 1_000_000, first);

        // A row that has done much for hours takes the place of another one.
        Overview now = Made(2, 1_000_500, [Row(9999, 5_000_000), .. second.Skip(1)]);
        OverviewRates rates = OverviewRates.Between(before, now);

        Assert.Equal(250, rates.CommandsPerSecond);
        Assert.Equal(OverviewMaker.ListLength - 1, rates.Rows.Count);
        Assert.All(rates.Rows, row => Assert.Equal(2UL, row.Commands));
    }

    [Fact]
    public void A_row_that_is_new_in_a_whole_list_began_in_between()
    {
        OverviewRates rates = OverviewRates.Between(Made(0, 0, []), Made(1, 7, [Row(1, 7)]));

        Assert.Equal(7UL, Assert.Single(rates.Rows).Commands);
        Assert.Equal(7, rates.CommandsPerSecond);
    }

    [Fact]
    public void A_server_that_was_started_again_counts_from_zero()
    {
        OverviewRates rates = OverviewRates.Between(Made(0, 1000, [Row(1, 1000)]), Made(1, 30, [Row(1, 30)]));

        Assert.Equal(30UL, Assert.Single(rates.Rows).Commands);
        Assert.Equal(30, rates.CommandsPerSecond);
    }

    private static IoStatistics Row(int host, ulong commands) => new()
    {
        HostNqn = $"nqn.2026-11.com.example:host{host}",
        SubsystemNqn = Disk,
        NamespaceId = 1,
        Commands = commands,
    };

    private static Overview Made(int second, ulong total, IReadOnlyList<IoStatistics> rows) => new()
    {
        Time = DateTimeOffset.UnixEpoch.AddSeconds(second),
        Server = new ServerReport { Version = "", StartedAt = DateTimeOffset.UnixEpoch, StateFolder = "", DiskEngine = "" },
        Counts = new OverviewCounts(0, 0, 0, 0, 0, 0, 0, 0),
        Refusals = new RefusalReport(0, new Dictionary<string, long>(), []),
        Transport = new TransportCounters(0, 0, 0, 0, 0, new Dictionary<string, long>()),
        Totals = [new IoStatistics { SubsystemNqn = "", Commands = total }],
        Statistics = rows,
    };
}
