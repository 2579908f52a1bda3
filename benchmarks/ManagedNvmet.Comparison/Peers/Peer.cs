using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>One who takes part.</summary>
public abstract class Peer
{
    /// <summary>Who it is.</summary>
    public abstract PeerKind Kind { get; }

    /// <summary>Why it cannot do this work here; null when it can.</summary>
    public abstract string? Missing(Work work);

    /// <summary>Puts it to a load and tells what came of it.</summary>
    /// <exception cref="ComparisonException">It did not work.</exception>
    public abstract Task<Sample> MeasureAsync(Load load, CancellationToken cancellationToken);

    /// <summary>A sentence about a program that is not there; null when it is.</summary>
    protected static string? MissingProgram(string program, string package) =>
        Machine.Find(program) is null ? $"{program} is not installed (package {package})" : null;
}
