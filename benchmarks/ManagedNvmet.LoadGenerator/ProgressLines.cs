using System.Diagnostics;
using System.Globalization;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Writes the progress of the load to standard error: each second to a terminal, else every ten seconds.</summary>
internal sealed class ProgressLines
{
    private readonly IReadOnlyList<LoadQueue> _queues;
    private readonly int _transferBytes;
    private readonly double _intervalSeconds = Console.IsErrorRedirected ? 10 : 1;
    private readonly long _start = Stopwatch.GetTimestamp();
    private double _lastLineSeconds;
    private long _completedBefore;

    public ProgressLines(IReadOnlyList<LoadQueue> queues, int transferBytes)
    {
        _queues = queues;
        _transferBytes = transferBytes;
    }

    /// <summary>Writes a line if the interval since the last one has passed.</summary>
    public void WriteIfDue()
    {
        double elapsed = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        if (elapsed - _lastLineSeconds < _intervalSeconds)
            return;
        long completed = _queues.Sum(queue => queue.Completed);
        long failed = _queues.Sum(queue => queue.Failed);
        double iops = (completed - _completedBefore) / (elapsed - _lastLineSeconds);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{elapsed,6:0} s  {iops,10:0} IOPS  {iops * _transferBytes / 1e6,9:0.0} MB/s{(failed > 0 ? $"  {failed} errors" : "")}"));
        (_lastLineSeconds, _completedBefore) = (elapsed, completed);
    }
}
