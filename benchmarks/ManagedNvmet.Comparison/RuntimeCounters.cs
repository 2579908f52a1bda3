using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace ManagedNvmet.Comparison;

/// <summary>Bytes that the managed runtime of a server allocates, and its collections, as its diagnostics port tells them.</summary>
/// <remarks>Telling allocates too, some kilobytes each time and several hundred in the first session: what is to run for long is told of
/// rarely.</remarks>
public sealed class RuntimeCounters : IDisposable
{
    private readonly EventPipeSession _session;
    private readonly EventPipeEventSource _source;
    private readonly Thread _reader;

    /// <summary>Begins to count.</summary>
    /// <param name="processId">The server.</param>
    /// <param name="interval">The server tells its counters so often; whole seconds, at least one.</param>
    public RuntimeCounters(int processId, TimeSpan interval)
    {
        string seconds = interval.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        var provider = new EventPipeProvider(
            "System.Runtime", EventLevel.Informational, arguments: new Dictionary<string, string> { ["EventCounterIntervalSec"] = seconds });
        _session = new DiagnosticsClient(processId).StartEventPipeSession([provider], requestRundown: false);
        _source = new EventPipeEventSource(_session.EventStream);
        _source.Dynamic.All += Count;
        _reader = new Thread(() => _source.Process()) { IsBackground = true, Name = "runtime counters" };
        _reader.Start();
    }

    /// <summary>Bytes allocated, all threads. Right after <see cref="Stop"/>.</summary>
    public double AllocatedBytes { get; private set; }

    /// <summary>Collections of generation 0. Right after <see cref="Stop"/>.</summary>
    public double Collections { get; private set; }

    /// <summary>How often the server told them. Right after <see cref="Stop"/>.</summary>
    public int Tellings { get; private set; }

    /// <summary>Ends the counting.</summary>
    public void Stop()
    {
        _session.Stop();
        _reader.Join();
    }

    /// <summary>Closes the connection to the server.</summary>
    public void Dispose()
    {
        _source.Dispose();
        _session.Dispose();
    }

    private void Count(TraceEvent traceEvent)
    {
        if (traceEvent.EventName != "EventCounters"
            || traceEvent.PayloadValue(0) is not IDictionary<string, object> outer
            || outer["Payload"] is not IDictionary<string, object> counter)
            return;
        switch (counter["Name"])
        {
            case "alloc-rate":
                AllocatedBytes += Convert.ToDouble(counter["Increment"], null);
                Tellings++;
                break;
            case "gen-0-gc-count":
                Collections += Convert.ToDouble(counter["Increment"], null);
                break;
        }
    }
}
