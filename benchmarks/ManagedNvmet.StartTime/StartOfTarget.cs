using System.Diagnostics;
using System.Net;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.StartTime;

/// <summary>Measurement of one start of a target.</summary>
/// <param name="Milliseconds">Time from the start of the process to the first accepted Connect command, in milliseconds.</param>
/// <param name="ResidentBytes">Resident memory of the process at that time, in bytes.</param>
internal sealed record StartOfTarget(double Milliseconds, long ResidentBytes)
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Starts the target, retries to connect until it succeeds, and kills the target.</summary>
    /// <exception cref="TimeoutException">The target accepted no Connect command within a minute, or ended before.</exception>
    public static async Task<StartOfTarget> MeasureAsync(
        IPEndPoint endPoint, Nqn nqn, string[] command, CancellationToken cancellationToken)
    {
        await using var shard = new Shard(new ShardOptions(), NullLogger.Instance);
        shard.Start();
        var options = new InitiatorOptions { EndPoint = endPoint, SubsystemNqn = nqn, IoQueues = 0, Shards = [new ShardContext(shard)] };
        long begin = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        try
        {
            while (true)
            {
                try
                {
                    await using InitiatorController controller = await InitiatorController.ConnectAsync(options, cancellationToken);
                    double milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
                    process.Refresh();
                    return new StartOfTarget(milliseconds, process.WorkingSet64);
                }
                catch (InitiatorException exception)
                {
                    if (process.HasExited || Stopwatch.GetElapsedTime(begin) > StartTimeout)
                    {
                        throw new TimeoutException(
                            $"The target accepted no Connect within {StartTimeout.TotalSeconds:0} s: {exception.Message}", exception);
                    }
                    await Task.Delay(1, cancellationToken);
                }
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
