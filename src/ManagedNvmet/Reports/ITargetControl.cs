using ManagedNvmet.Tracing;

namespace ManagedNvmet.Reports;

/// <summary>What can be done to a server while it runs, besides changing its configuration.</summary>
/// <remarks>Thread-safe.</remarks>
public interface ITargetControl
{
    /// <summary>Ends a session: every connection of it is closed. The host may connect again if it is still allowed.</summary>
    /// <param name="number">Its <see cref="SessionReport.Number"/>.</param>
    /// <returns>False when there is no such session any more.</returns>
    bool EndSession(long number);

    /// <summary>Starts a trace of PDUs.</summary>
    /// <param name="request">What it shows.</param>
    /// <returns>The trace, to be run or disposed of; null when <see cref="TraceLimits.MaxTraces"/> run already, or the server does not.</returns>
    TraceSession? StartTrace(TraceRequest request);
}
