using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation;

/// <summary>Command line that runs seeds: --seed 5, or --seeds 1..100000 --minutes 10.</summary>
internal static class SeedCommandLine
{
    private const int ProgressSeconds = 10;

    private static readonly Option<ulong?> Seed = new("--seed") { Description = "Run this seed, twice, and compare" };
    private static readonly Option<string> Seeds = new("--seeds") { Description = "Run these seeds", HelpName = "FIRST..LAST" };
    private static readonly Option<double?> Minutes = new("--minutes") { Description = "Stop after this time" };
    private static readonly Option<int> Lines = new("--lines")
    {
        Description = "Events to show of a failure",
        DefaultValueFactory = static _ => 120,
    };

    private static readonly Option<bool> KeepGoing = new("--keep-going") { Description = "Do not stop at the first failure" };

    public static bool IsMeant(string[] args) => args is [{ } first, ..] && first is "--seed" or "--seeds" or "--minutes" or "--keep-going";

    public static int Run(string[] args)
    {
        var command = new RootCommand("Deterministic simulation of hosts, network, disks and target")
        {
            Seed, Seeds, Minutes, Lines, KeepGoing,
        };
        command.SetAction(parsed =>
        {
            TimeSpan limit = parsed.GetValue(Minutes) is { } minutes ? TimeSpan.FromMinutes(minutes) : TimeSpan.MaxValue;
            if (parsed.GetValue(Seed) is { } seed)
                return RunTwice(seed, parsed.GetValue(Lines));
            if (!TryParse(parsed.GetValue(Seeds) ?? "1..1000000", out ulong first, out ulong last))
            {
                Console.Error.WriteLine("--seeds: expected FIRST..LAST, such as 1..1000");
                return 2;
            }
            return RunMany(first, last, limit, parsed.GetValue(KeepGoing));
        });
        return command.Parse(args).Invoke();
    }

    private static int RunTwice(ulong seed, int lines)
    {
        ulong[] digests = new ulong[2];
        for (int run = 0; run < digests.Length; run++)
        {
            var world = new World(seed) { TraceLines = lines };
            if (!TryRun(world))
                return 1;
            digests[run] = world.Digest;
            Console.WriteLine($"Seed {seed}: {world.Events} events, {world.Reads} reads, {world.Writes} writes, {world.Links} connections, "
                + $"{world.Crashes} crashes, digest {world.Digest:x16}");
        }
        if (digests[0] == digests[1])
            return 0;
        Console.Error.WriteLine($"Seed {seed}: the two runs differ.");
        return 1;
    }

    private static int RunMany(ulong first, ulong last, TimeSpan limit, bool keepsGoing)
    {
        var watch = Stopwatch.StartNew();
        TimeSpan next = TimeSpan.FromSeconds(ProgressSeconds);
        var situations = new Dictionary<Situation, long>();
        long runs = 0, failures = 0, events = 0, reads = 0, writes = 0, crashes = 0;
        for (ulong seed = first; seed <= last && watch.Elapsed < limit; seed++)
        {
            var world = new World(seed);
            bool isGood = TryRun(world);
            runs++;
            failures += isGood ? 0 : 1;
            events += world.Events;
            reads += world.Reads;
            writes += world.Writes;
            crashes += world.Crashes;
            foreach ((Situation situation, int count) in world.Situations)
                situations[situation] = situations.GetValueOrDefault(situation) + count;
            if (!isGood && !keepsGoing)
                break;
            if (watch.Elapsed < next)
                continue;
            next = watch.Elapsed + TimeSpan.FromSeconds(ProgressSeconds);
            Report();
        }
        Report();
        foreach (Situation situation in Enum.GetValues<Situation>())
            Console.WriteLine($"{situations.GetValueOrDefault(situation),12}  {situation}");
        return failures == 0 ? 0 : 1;

        void Report() => Console.WriteLine($"{watch.Elapsed:hh\\:mm\\:ss}  {runs} seeds from {first} on, {failures} failed; "
            + $"{events} events, {reads} reads and {writes} writes checked, {crashes} crashes; "
            + $"{runs / watch.Elapsed.TotalSeconds:F1} seeds/s");
    }

    private static bool TryRun(World world)
    {
        try
        {
            world.Run();
            return true;
        }
        catch (SimulationFailure failure)
        {
            Console.Error.WriteLine(failure.Message);
            return false;
        }
    }

    private static bool TryParse(string text, out ulong first, out ulong last)
    {
        last = 0;
        string[] ends = text.Split("..");
        return ulong.TryParse(ends[0], CultureInfo.InvariantCulture, out first)
            && ulong.TryParse(ends[^1], CultureInfo.InvariantCulture, out last)
            && ends.Length <= 2;
    }
}
