using System.Diagnostics;
using System.Globalization;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Tells on standard error how the load goes: every second on a terminal, every ten otherwise.</summary>
internal sealed class ProgressLines
{
    private readonly IReadOnlyList<LoadQueue> queues;
    private readonly int transferBytes;
    private readonly double intervalSeconds = Console.IsErrorRedirected ? 10 : 1;
    private readonly long start = Stopwatch.GetTimestamp();
    private double toldAt;
    private long completedBefore;

    public ProgressLines(IReadOnlyList<LoadQueue> queues, int transferBytes)
    {
        this.queues = queues;
        this.transferBytes = transferBytes;
    }

    /// <summary>Writes a line when it is time for one.</summary>
    public void Tell()
    {
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (elapsed - toldAt < intervalSeconds)
            return;
        long completed = queues.Sum(queue => queue.Completed);
        long failed = queues.Sum(queue => queue.Failed);
        double iops = (completed - completedBefore) / (elapsed - toldAt);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{elapsed,6:0} s  {iops,10:0} IOPS  {iops * transferBytes / 1e6,9:0.0} MB/s{(failed > 0 ? $"  {failed} errors" : "")}"));
        (toldAt, completedBefore) = (elapsed, completed);
    }
}
