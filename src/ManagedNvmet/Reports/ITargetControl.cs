using ManagedNvmet.Tracing;

namespace ManagedNvmet.Reports;

/// <summary>Operations on a running server, except for changes of its configuration.</summary>
/// <remarks>Thread-safe.</remarks>
public interface ITargetControl
{
    /// <summary>Ends a session: closes all its connections. The host may reconnect if it is still allowed.</summary>
    /// <param name="number"><see cref="SessionReport.Number"/> of the session.</param>
    /// <returns>False when the session does not exist.</returns>
    bool EndSession(long number);

    /// <summary>Starts a trace of PDUs.</summary>
    /// <param name="request">The PDUs to trace.</param>
    /// <returns>The trace, which the caller must run or dispose. Null when <see cref="TraceLimits.MaxTraces"/> traces are already running,
    /// or the server is not running.</returns>
    TraceSession? StartTrace(TraceRequest request);
}
