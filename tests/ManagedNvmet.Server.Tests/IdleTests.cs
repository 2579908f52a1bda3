using System.Globalization;

namespace ManagedNvmet.Server.Tests;

public sealed class IdleTests : ServerTest
{
    private const int Seconds = 5;

    // The measured time has 500 clock ticks. The runtime's own timers wake a thread about every 100 ms. Polling each millisecond would
    // cause 5000 wake-ups.
    private const long MaxTicks = 5;
    private const long MaxWakeUps = 100;

    [Theory]
    [InlineData("Auto")]
    [InlineData("Workers")]
    public async Task With_16_connected_queues_and_nothing_to_do_the_process_sleeps(string engine)
    {
        string path = MakeFile("disk.img", 1 << 20);
        ServerProcess server = await StartAsync("--namespace", path, "--disk-engine", engine);
        var host = await ConnectAsync(server, options => options with { IoQueues = 15, KeepAliveMilliseconds = 120_000 });
        Memory<byte> data = Initiator.InitiatorController.AllocatePinned(BlockSize);
        for (int queue = 0; queue < 15; queue++)
            (await host.WriteAsync(queue, 1, 0, 1, data)).Require("Write");

        // Takes the best of several windows, because the runtime may still compile code in the first one.
        long ticks = long.MaxValue;
        long wakeUps = long.MaxValue;
        for (int window = 0; window < 3 && (ticks > MaxTicks || wakeUps > MaxWakeUps); window++)
        {
            long ticksBefore = Ticks(server.Id);
            Dictionary<string, long> sleepsBefore = Sleeps(server.Id);
            await Task.Delay(TimeSpan.FromSeconds(Seconds));
            ticks = Ticks(server.Id) - ticksBefore;
            wakeUps = Sleeps(server.Id).Sum(thread => thread.Value - sleepsBefore.GetValueOrDefault(thread.Key));
        }

        TestContext.Current.SendDiagnosticMessage("{0}: {1} ticks, {2} wake-ups in {3} s", engine, ticks, wakeUps, Seconds);
        Assert.True(ticks <= MaxTicks, $"{ticks} ticks of processor time in {Seconds} s.");
        Assert.True(wakeUps <= MaxWakeUps, $"{wakeUps} wake-ups in {Seconds} s.");
        Assert.Equal(15, host.IoQueues.Count);
    }

    /// <summary>Returns the CPU time of the process in clock ticks of 10 ms.</summary>
    private static long Ticks(int processId)
    {
        // The name of the program, in parentheses, may contain spaces. User and system time are the 12th and 13th field after it.
        string stat = File.ReadAllText($"/proc/{processId}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return Number(fields[11]) + Number(fields[12]);
    }

    /// <summary>Returns the number of voluntary context switches of each thread.</summary>
    private static Dictionary<string, long> Sleeps(int processId)
    {
        const string Label = "voluntary_ctxt_switches:";
        var sleeps = new Dictionary<string, long>();
        foreach (string thread in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            try
            {
                string line = File.ReadLines(Path.Combine(thread, "status")).Single(
                    line => line.StartsWith(Label, StringComparison.Ordinal));
                sleeps[thread] = Number(line[Label.Length..]);
            }
            catch (IOException)
            {
                // The thread has ended meanwhile.
            }
        }
        return sleeps;
    }

    private static long Number(string text) => long.Parse(text.Trim(), CultureInfo.InvariantCulture);
}
