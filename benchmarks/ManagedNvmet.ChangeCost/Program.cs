using System.CommandLine;
using ManagedNvmet.ChangeCost;

var seconds = new Option<double>("--seconds")
{
    Description = "Duration of each measurement in seconds",
    HelpName = "SECONDS",
    DefaultValueFactory = _ => 4,
};
var pause = new Option<int>("--pause")
{
    Description = "Pause between two changes in milliseconds",
    HelpName = "MILLISECONDS",
    DefaultValueFactory = _ => 100,
};
var root = new RootCommand("Reads 4 KiB blocks of a null device at queue depth 8 over one connection while other objects of the same "
    + "server change, and prints the latency of the reads with and without the changes.")
{
    seconds, pause,
};
root.Validators.Add(result =>
{
    if (result.GetValue(seconds) is not (>= 0.1 and <= 3600))
        result.AddError("--seconds is out of range; expected 0.1 to 3600.");
    if (result.GetValue(pause) is < 0 or > 60_000)
        result.AddError("--pause is out of range; expected 0 to 60000 milliseconds.");
});
root.SetAction(async (result, cancellationToken) =>
{
    Console.WriteLine("| while | changes | ms per change | reads per second | p50 µs | p99 µs | p99.9 µs | max µs | GC pauses ms |");
    Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
    foreach (bool isLarge in (bool[])[false, true])
    {
        await using var server = await MeasuredServer.StartAsync(isLarge, result.GetValue(seconds), result.GetValue(pause));
        foreach (ChangeScenario scenario in ChangeScenario.All.Where(each => each.IsLarge == isLarge))
            Console.WriteLine(await server.MeasureAsync(scenario, cancellationToken));
    }
    return 0;
});
return await root.Parse(args).InvokeAsync();
