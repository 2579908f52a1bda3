namespace ManagedNvmet.Comparison.Bars;

/// <summary>One row of the result table: a metric of this server, compared with another contestant or with a fixed limit.</summary>
/// <param name="Work">Workload of this server.</param>
/// <param name="Metric">The compared metric.</param>
/// <param name="Against">The other contestant: the limit applies to the ratio of this server's value to its value. Null: the limit applies
/// to the value.</param>
/// <param name="Limit">The limit for the ratio or the value.</param>
public sealed record Criterion(Work Work, Metric Metric, Contestant? Against, Limit Limit)
{
    /// <summary>The contestants whose measurements this row needs.</summary>
    public IEnumerable<Contestant> Contestants =>
        Against is null ? [new Contestant(PeerKind.Ours, Work)] : [new Contestant(PeerKind.Ours, Work), Against];
}
