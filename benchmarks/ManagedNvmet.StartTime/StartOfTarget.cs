using System.Diagnostics;
using System.Net;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.StartTime;

/// <summary>One start of a target.</summary>
/// <param name="Milliseconds">From the start of the process to the first Connect that was accepted.</param>
/// <param name="ResidentBytes">Memory of the process then.</param>
internal sealed record StartOfTarget(double Milliseconds, long ResidentBytes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Starts the target, connects as soon as it lets one, and ends it.</summary>
    /// <exception cref="TimeoutException">It accepted no Connect within a minute.</exception>
    public static async Task<StartOfTarget> MeasureAsync(IPEndPoint endPoint, Nqn nqn, string[] command, CancellationToken cancellationToken)
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
                    if (process.HasExited || Stopwatch.GetElapsedTime(begin) > Patience)
                        throw new TimeoutException($"The target accepted no Connect within {Patience.TotalSeconds:0} s: {exception.Message}", exception);
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
