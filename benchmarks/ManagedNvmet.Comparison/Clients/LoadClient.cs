using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Peers;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Clients;

/// <summary>A program that loads a server.</summary>
/// <param name="seconds">Seconds that it measures, after one of warm-up.</param>
public abstract class LoadClient(int seconds)
{
    /// <summary>Seconds of warm-up.</summary>
    protected const int WarmUp = 1;

    /// <summary>Seconds that it measures.</summary>
    public int Seconds { get; } = seconds;

    /// <summary>Runs the load.</summary>
    public abstract Task<Sample> RunAsync(PeerServer server, Load load, CancellationToken cancellationToken);
}
