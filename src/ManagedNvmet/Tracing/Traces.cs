using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Target;

namespace ManagedNvmet.Tracing;

/// <summary>The running traces of a server.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class Traces
{
    private readonly NvmeTarget _target;
    private readonly int _shardCount;
    private readonly Lock _gate = new();
    private volatile TraceSession[] _running = [];

    /// <param name="target">The target whose connections are traced.</param>
    /// <param name="shardCount">The number of shards of the server.</param>
    internal Traces(NvmeTarget target, int shardCount)
    {
        _target = target;
        _shardCount = shardCount;
        target.ConnectionOpened = OnConnection;
    }

    /// <summary>The number of running traces.</summary>
    public int RunningCount => _running.Length;

    /// <summary>Starts a trace of the present and the future connections.</summary>
    /// <returns>The trace, which the caller must run or dispose; null when <see cref="TraceLimits.MaxTraces"/> already run.</returns>
    public TraceSession? TryStart(TraceRequest request)
    {
        lock (_gate)
        {
            if (_running.Length >= TraceLimits.MaxTraces)
                return null;
            var session = new TraceSession(this, request, _shardCount);
            _running = [.. _running, session];

            // Adds the connections after the trace is in the list of running ones, so that a connection that opens now is not missed. It is
            // added only once.
            foreach (ControllerConnection connection in _target.GetConnections())
                session.AttachLater(connection);
            return session;
        }
    }

    internal void Remove(TraceSession session)
    {
        lock (_gate)
            _running = [.. _running.Where(each => each != session)];
    }

    private void OnConnection(ControllerConnection connection)
    {
        foreach (TraceSession session in _running)
            session.Attach(connection);
    }
}
