using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Target;

namespace ManagedNvmet.Tracing;

/// <summary>The traces of a server: none until somebody asks for one.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class Traces
{
    private readonly NvmeTarget _target;
    private readonly int _shardCount;
    private readonly Lock _gate = new();
    private volatile TraceSession[] _running = [];

    /// <param name="target">Whose connections are shown.</param>
    /// <param name="shardCount">Shards that the connections are on.</param>
    internal Traces(NvmeTarget target, int shardCount)
    {
        _target = target;
        _shardCount = shardCount;
        target.ConnectionOpened = OnConnection;
    }

    /// <summary>Traces that run.</summary>
    public int RunningCount => _running.Length;

    /// <summary>Starts a trace of the connections that are there and of those that come.</summary>
    /// <returns>The trace, to be run or disposed of; null when <see cref="TraceLimits.MaxTraces"/> run already.</returns>
    public TraceSession? TryStart(TraceRequest request)
    {
        lock (_gate)
        {
            if (_running.Length >= TraceLimits.MaxTraces)
                return null;
            var session = new TraceSession(this, request, _shardCount);
            _running = [.. _running, session];

            // After it is among those that run: a connection that opens now comes by either way, and is taken once.
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
