using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>A server of the comparison, or fio in its place.</summary>
public abstract class Peer
{
    /// <summary>Which server it is.</summary>
    public abstract PeerKind Kind { get; }

    /// <summary>Returns why this workload cannot be measured here; null when it can.</summary>
    public abstract string? Missing(Work work);

    /// <summary>Measures a load.</summary>
    /// <exception cref="ComparisonException">The measurement failed.</exception>
    public abstract Task<Sample> MeasureAsync(Load load, CancellationToken cancellationToken);

    /// <summary>Returns a message when a program is not installed, else null.</summary>
    protected static string? MissingProgram(string program, string package) =>
        Machine.Find(program) is null ? $"{program} is not installed (package {package})" : null;
}
