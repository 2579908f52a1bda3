using System.Diagnostics;
using System.Globalization;
using ManagedNvmet.Fuzz;
using SharpFuzz;

switch (args)
{
    case ["--make-corpus"]:
        Corpus.Make();
        return 0;
    case ["--libfuzzer", string name]:
        FuzzTarget instrumented = FuzzTargets.All[name];
        Fuzzer.LibFuzzer.Run(input => instrumented(input));
        return 0;
    case ["--replay", string name, string file]:
        FuzzTargets.All[name](File.ReadAllBytes(file));
        Console.WriteLine("The invariants hold.");
        return 0;
    case ["--run", string name, string seconds, .. string[] more]:
        return RunFor(
            name, int.Parse(seconds, CultureInfo.InvariantCulture), more.Length > 0 ? int.Parse(more[0], CultureInfo.InvariantCulture) : 1);
    default:
        return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}

static int RunFor(string name, int seconds, int seed)
{
    FuzzTarget target = FuzzTargets.All[name];
    byte[][] corpus = [.. Corpus.Load(name).Select(input => input.Bytes)];
    var mutator = new Mutator(seed);
    var watch = Stopwatch.StartNew();
    long count = 0;
    for (; watch.Elapsed.TotalSeconds < seconds; count++)
    {
        byte[] input = mutator.Mutate(corpus);
        try
        {
            target(input);
        }
        catch (Exception exception)
        {
            string file = Path.GetFullPath($"{name}-failure");
            File.WriteAllBytes(file, input);
            Console.WriteLine($"{name}: input {count} of seed {seed} fails and is in {file}\n{exception}");
            return 1;
        }
    }
    Console.WriteLine($"{name}: {count} inputs of seed {seed}, no failure");
    return 0;
}
