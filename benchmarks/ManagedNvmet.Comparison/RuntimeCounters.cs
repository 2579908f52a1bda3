using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace ManagedNvmet.Comparison;

/// <summary>Counts the bytes that a server's managed runtime allocates, and its garbage collections. The runtime reports them through its
/// diagnostics port.</summary>
/// <remarks>A report itself allocates some kilobytes, and the first session several hundred. A long measurement therefore uses a long
/// interval.</remarks>
public sealed class RuntimeCounters : IDisposable
{
    private readonly EventPipeSession _session;
    private readonly EventPipeEventSource _source;
    private readonly Thread _reader;

    /// <summary>Starts to count.</summary>
    /// <param name="processId">Process ID of the server.</param>
    /// <param name="interval">Interval of the reports: whole seconds, at least one.</param>
    public RuntimeCounters(int processId, TimeSpan interval)
    {
        string seconds = interval.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        var arguments = new Dictionary<string, string> { ["EventCounterIntervalSec"] = seconds };
        var provider = new EventPipeProvider("System.Runtime", EventLevel.Informational, arguments: arguments);
        _session = new DiagnosticsClient(processId).StartEventPipeSession([provider], requestRundown: false);
        _source = new EventPipeEventSource(_session.EventStream);
        _source.Dynamic.All += Count;
        _reader = new Thread(() => _source.Process()) { IsBackground = true, Name = "runtime counters" };
        _reader.Start();
    }

    /// <summary>Bytes allocated by all threads. Valid after <see cref="Stop"/>.</summary>
    public double AllocatedBytes { get; private set; }

    /// <summary>Number of generation 0 garbage collections. Valid after <see cref="Stop"/>.</summary>
    public double Collections { get; private set; }

    /// <summary>Number of received reports. Valid after <see cref="Stop"/>.</summary>
    public int Reports { get; private set; }

    /// <summary>Stops counting.</summary>
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
                Reports++;
                break;
            case "gen-0-gc-count":
                Collections += Convert.ToDouble(counter["Increment"], null);
                break;
        }
    }
}
