using ManagedNvmet.Comparison.Bars;

namespace ManagedNvmet.Comparison.Results;

/// <summary>Stores all samples by contestant and round, and the reasons for missing ones.</summary>
public sealed class Ledger
{
    private readonly Dictionary<Contestant, SortedDictionary<int, Sample>> _samples = [];
    private readonly Dictionary<Contestant, string> _reasons = [];

    /// <summary>All samples.</summary>
    public IEnumerable<(Contestant Contestant, IReadOnlyDictionary<int, Sample> Rounds)> Samples =>
        _samples.Select(pair => (pair.Key, (IReadOnlyDictionary<int, Sample>)pair.Value));

    /// <summary>Adds a sample.</summary>
    public void Add(Contestant contestant, int round, Sample sample)
    {
        if (!_samples.TryGetValue(contestant, out SortedDictionary<int, Sample>? rounds))
            _samples[contestant] = rounds = [];
        rounds[round] = sample;
    }

    /// <summary>Records why a contestant has no sample, or none for some round. A later reason replaces an earlier one.</summary>
    public void Miss(Contestant contestant, string reason) => _reasons[contestant] = reason;

    /// <summary>Evaluates one criterion.</summary>
    public Verdict Judge(Bar bar, Criterion criterion)
    {
        var ours = new Contestant(PeerKind.Ours, criterion.Work);
        Contestant? theirs = criterion.Against;
        Spread? ourSpread = Spread.Of(Figures(ours, criterion.Metric).Values);
        string? note = _reasons.GetValueOrDefault(ours) ?? (theirs is null ? null : _reasons.GetValueOrDefault(theirs));
        if (theirs is null)
        {
            bool? isValueMet = ourSpread is null ? null : criterion.Limit.IsMetBy(ourSpread.Median);
            return new Verdict(bar, criterion, ourSpread, null, null, isValueMet, note);
        }

        Spread? theirSpread = Spread.Of(Figures(theirs, criterion.Metric).Values);
        Spread? ratio = Spread.Of(Pairs(ours, theirs, criterion.Metric, (mine, other) => mine / other));
        bool? isMet = ratio is null ? null : criterion.Limit.IsMetBy(ratio.Median);
        if (isMet == false && criterion.Limit.OrCpuExcess is { } most
            && Spread.Of(Pairs(ours, theirs, Metric.CpuPerIo, (mine, other) => mine - other)) is { } excess)
        {
            isMet = excess.Median <= most;
            note ??= $"CPU {(excess.Median < 0 ? "" : "+")}{MetricText.Value(Metric.CpuPerIo, excess.Median)} µs";
        }
        if (ratio is null)
            note ??= "not measured";
        return new Verdict(bar, criterion, ourSpread, theirSpread, ratio, isMet, note);
    }

    private Dictionary<int, double> Figures(Contestant contestant, Metric metric) =>
        _samples.TryGetValue(contestant, out SortedDictionary<int, Sample>? rounds)
            ? rounds.Where(round => round.Value.Values.ContainsKey(metric))
                .ToDictionary(round => round.Key, round => round.Value.Values[metric])
            : [];

    private IEnumerable<double> Pairs(Contestant first, Contestant second, Metric metric, Func<double, double, double> combine)
    {
        Dictionary<int, double> others = Figures(second, metric);
        return Figures(first, metric).Where(pair => others.ContainsKey(pair.Key)).Select(pair => combine(pair.Value, others[pair.Key]));
    }
}
