using System.Diagnostics;
using ManagedNvmet.Comparison.Peers;
using Xunit;

namespace ManagedNvmet.Comparison.Tests;

public sealed class BusySamplerTests
{
    [Fact]
    public async Task What_a_server_does_after_the_client_has_measured_does_not_count()
    {
        // The server is busy until the client stops measuring, and idle while the client closes its connections.
        var clock = Stopwatch.StartNew();
        double stopped = double.MaxValue;
        await using var sampler = new BusySampler(
            _ => Task.FromResult(new ProcessorReading(Math.Min(clock.Elapsed.TotalMicroseconds, stopped))));
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        DateTimeOffset until = DateTimeOffset.UtcNow;
        stopped = clock.Elapsed.TotalMicroseconds;
        await Task.Delay(1200, TestContext.Current.CancellationToken);
        Assert.InRange(await sampler.MicrosecondsPerSecondAsync(0.9, until), 900_000, 1_100_000);
    }
}
