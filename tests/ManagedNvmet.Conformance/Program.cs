using System.Net;
using ManagedNvmet.Conformance;

string? address = null;
string subsystem = TestTarget.SubsystemNqn;
bool includesSlow = false;
var chosen = new List<string>();
if (!args.Contains("--address"))
    return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);

for (int index = 0; index < args.Length; index++)
{
    if (args[index] == "--address")
        address = args[++index];
    else if (args[index] == "--subsystem")
        subsystem = args[++index];
    else if (args[index] == "--slow")
        includesSlow = true;
    else
        chosen.Add(args[index]);
}

int passed = 0;
int failed = 0;
int skipped = 0;
foreach (Script script in ScriptFolder.All)
{
    if (chosen.Count > 0 && !chosen.Exists(name => script.Name.StartsWith(name, StringComparison.Ordinal)))
        continue;
    if (!includesSlow && script.Waits > ScriptFolder.LongestWait)
    {
        Console.WriteLine($"skipped {script.Name}: it waits {script.Waits.TotalSeconds} seconds; --slow runs it");
        skipped++;
        continue;
    }
    try
    {
        await using var link = new TcpLink(IPEndPoint.Parse(address!), subsystem);
        ScriptRun.Run(script, link, ScriptFolder.Path);
        Console.WriteLine($"ok      {script.Name}");
        passed++;
    }
    catch (Exception exception) when (exception is ScriptException or System.Net.Sockets.SocketException)
    {
        Console.WriteLine($"FAILED  {script.Name}: {exception.Message}");
        failed++;
    }
}
Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
return failed == 0 ? 0 : 1;
