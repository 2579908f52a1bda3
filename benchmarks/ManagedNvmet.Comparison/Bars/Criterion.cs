namespace ManagedNvmet.Comparison.Bars;

/// <summary>One line of the table: a metric of ours, against somebody's or as it is.</summary>
/// <param name="Work">What our server is put to.</param>
/// <param name="Metric">What is looked at.</param>
/// <param name="Against">Whom it is divided by; null when the value itself is judged.</param>
/// <param name="Limit">What it has to be.</param>
public sealed record Criterion(Work Work, Metric Metric, Contestant? Against, Limit Limit)
{
    /// <summary>All who have to be measured for this line.</summary>
    public IEnumerable<Contestant> Contestants =>
        Against is null ? [new Contestant(PeerKind.Ours, Work)] : [new Contestant(PeerKind.Ours, Work), Against];
}
