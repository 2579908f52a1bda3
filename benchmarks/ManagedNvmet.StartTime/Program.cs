using System.CommandLine;
using System.Globalization;
using System.Net;
using ManagedNvmet;
using ManagedNvmet.StartTime;

var address = new Argument<string>("ADDRESS") { Description = "Address on which the target will listen, such as 127.0.0.1:4420" };
var nqn = new Argument<string>("NQN") { Description = "NQN of the subsystem" };
var command = new Argument<string[]>("COMMAND")
{
    Description = "Command that starts the target, after --",
    Arity = ArgumentArity.OneOrMore,
};
var runs = new Option<int>("--runs") { Description = "Number of starts", HelpName = "COUNT", DefaultValueFactory = _ => 11 };
var root = new RootCommand("Starts a target several times and prints the time in milliseconds from the start of its process to the first "
    + "Connect command that it accepts.")
{
    address, nqn, command, runs,
};
root.SetAction(async (result, cancellationToken) =>
{
    if (!IPEndPoint.TryParse(result.GetRequiredValue(address), out IPEndPoint? endPoint)
        || endPoint.Port == 0
        || !Nqn.TryParse(result.GetValue(nqn), out Nqn? name))
    {
        Console.Error.WriteLine("nvme-start-time: expected an address with a port, such as 127.0.0.1:4420, and an NVMe Qualified Name.");
        return 2;
    }
    var measured = new List<StartOfTarget>();
    for (int run = 0; run < result.GetValue(runs); run++)
        measured.Add(await StartOfTarget.MeasureAsync(endPoint, name, result.GetRequiredValue(command), cancellationToken));
    double[] milliseconds = [.. measured.Select(start => start.Milliseconds).Order()];
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{milliseconds[milliseconds.Length / 2]:0} ms to the first Connect (median of {milliseconds.Length}; "
        + $"{milliseconds[0]:0} to {milliseconds[^1]:0}), "
        + $"{measured.Average(start => start.ResidentBytes) / (1 << 20):0.0} MiB resident"));
    return 0;
});
return await root.Parse(args).InvokeAsync();
