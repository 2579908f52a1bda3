using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Peers;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Clients;

/// <summary>A client program that loads a server.</summary>
/// <param name="seconds">Duration of the measurement in seconds, after one second of warm-up.</param>
public abstract class LoadClient(int seconds)
{
    /// <summary>Duration of the load before the measurement in seconds.</summary>
    protected const int WarmUp = 1;

    /// <summary>Duration of the measurement in seconds.</summary>
    public int Seconds { get; } = seconds;

    /// <summary>Runs a load on a server and returns its figures.</summary>
    /// <exception cref="ComparisonException">The client failed.</exception>
    public abstract Task<Sample> RunAsync(PeerServer server, Load load, CancellationToken cancellationToken);
}
