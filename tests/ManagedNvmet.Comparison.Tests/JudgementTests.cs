using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Results;
using Xunit;

namespace ManagedNvmet.Comparison.Tests;

public sealed class JudgementTests
{
    private static readonly Load Work = new() { Depth = 32 };
    private static readonly Contestant Ours = new(PeerKind.Ours, Work);
    private static readonly Contestant Theirs = new(PeerKind.Spdk, Work);

    [Theory]
    [InlineData(new double[] { 3 }, 3, 3, 3)]
    [InlineData(new double[] { 9, 1, 2 }, 2, 1, 9)]
    [InlineData(new double[] { 4, 1, 2, 9 }, 3, 1, 9)]
    public void A_spread_is_the_middle_and_the_ends(double[] figures, double median, double minimum, double maximum) =>
        Assert.Equal(new Spread(median, minimum, maximum), Spread.Of(figures));

    [Fact]
    public void No_figures_have_no_spread() => Assert.Null(Spread.Of([]));

    [Fact]
    public void A_ratio_is_made_within_a_round()
    {
        // The machine is ten times as fast in the second round. The ratio does not change.
        Ledger ledger = Rounds((200, 100), (2000, 1000), (240, 100));

        Verdict verdict = Judge(ledger, Metric.Iops, new Limit(Least: 2));

        Assert.Equal(new Spread(2, 2, 2.4), verdict.Ratio);
        Assert.True(verdict.IsMet);
    }

    [Fact]
    public void A_round_in_which_one_is_missing_makes_no_ratio()
    {
        Ledger ledger = Rounds((200, 100));
        ledger.Add(Ours, 2, new Sample { [Metric.Iops] = 900 });

        Assert.Equal(new Spread(2, 2, 2), Judge(ledger, Metric.Iops, new Limit(Least: 2)).Ratio);
    }

    [Theory]
    [InlineData(1.25, true)]
    [InlineData(1.26, false)]
    public void A_bar_is_met_at_its_limit_and_not_below(double least, bool isMet) =>
        Assert.Equal(isMet, Judge(Rounds((125, 100)), Metric.Iops, new Limit(Least: least)).IsMet);

    [Theory]
    [InlineData(0.75, true)]
    [InlineData(0.74, false)]
    public void A_ceiling_is_met_at_its_limit_and_not_above(double most, bool isMet) =>
        Assert.Equal(isMet, Judge(Rounds((75, 100)), Metric.Iops, new Limit(Most: most)).IsMet);

    [Fact]
    public void A_figure_without_a_bar_is_shown_and_not_judged() => Assert.Null(Judge(Rounds((75, 100)), Metric.Iops, new Limit()).IsMet);

    [Theory]
    [InlineData(52, true)]
    [InlineData(53, false)]
    public void A_rate_that_is_missed_is_forgiven_for_little_processor_time(double microseconds, bool isMet)
    {
        var ledger = new Ledger();
        ledger.Add(Ours, 1, Sample(iops: 50, microseconds));
        ledger.Add(Theirs, 1, Sample(iops: 100, 50));

        Assert.Equal(isMet, Judge(ledger, Metric.Iops, new Limit(Least: 0.95, OrCpuExcess: 2)).IsMet);
    }

    [Fact]
    public void A_line_that_could_not_be_measured_says_why_and_is_not_met()
    {
        var ledger = new Ledger();
        ledger.Add(Ours, 1, new Sample { [Metric.Iops] = 1 });
        ledger.Miss(Theirs, "no tree given");

        Verdict verdict = Judge(ledger, Metric.Iops, new Limit(Least: 1));

        Assert.Null(verdict.IsMet);
        Assert.Equal("no tree given", verdict.Note);
    }

    [Fact]
    public void A_value_without_an_opponent_is_judged_as_it_is()
    {
        var ledger = new Ledger();
        ledger.Add(Ours, 1, new Sample { [Metric.ResidentMebibytes] = 90 });

        Assert.True(ledger.Judge(Bar(), new Criterion(Work, Metric.ResidentMebibytes, null, new Limit(Most: 100))).IsMet);
    }

    private static Ledger Rounds(params (double Ours, double Theirs)[] rounds)
    {
        var ledger = new Ledger();
        for (int index = 0; index < rounds.Length; index++)
        {
            ledger.Add(Ours, index + 1, new Sample { [Metric.Iops] = rounds[index].Ours });
            ledger.Add(Theirs, index + 1, new Sample { [Metric.Iops] = rounds[index].Theirs });
        }
        return ledger;
    }

    private static Sample Sample(double iops, double microsecondsPerIo)
    {
        var sample = new Sample { [Metric.Iops] = iops };
        sample.SetProcessorTime(microsecondsPerIo * iops);
        return sample;
    }

    private static Verdict Judge(Ledger ledger, Metric metric, Limit limit) =>
        ledger.Judge(Bar(), new Criterion(Work, metric, Theirs, limit));

    private static Bar Bar() => new("G", "a bar", []);
}
