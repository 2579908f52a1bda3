using ManagedNvmet;
using ManagedNvmet.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// Exit codes: 0 stopped as asked, 1 could not start or failed, 2 wrong arguments.
var commandLine = new ServerCommandLine(RunAsync);
System.CommandLine.ParseResult parsed = commandLine.Root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
        Console.Error.WriteLine($"managed-nvmet: {error.Message}");
    Console.Error.WriteLine("managed-nvmet: 'managed-nvmet --help' lists the options.");
    return 2;
}
try
{
    return await parsed.InvokeAsync(new System.CommandLine.InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    }).ConfigureAwait(false);
}
catch (StartupException exception)
{
    Console.Error.WriteLine($"managed-nvmet: {exception.Message}");
    return 1;
}

static async Task<int> RunAsync(ServerArguments arguments, CancellationToken cancellationToken)
{
    HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
    builder.Logging.SetMinimumLevel(arguments.LogLevel);
    builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

    // What keeps the server from starting is said once, as a sentence, below.
    builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    builder.Logging.AddConsole(console => console.FormatterName = LineFormatter.FormatterName)
        .AddConsoleFormatter<LineFormatter, Microsoft.Extensions.Logging.Console.ConsoleFormatterOptions>();

    // Under systemd this also changes the log to the journal's format, and reports readiness.
    builder.Services.AddSystemd();
    builder.Services.AddNvmetServer(arguments.Options);
    builder.Services.Configure<HostOptions>(host =>
    {
        // The server has its own deadline for commands in flight; the host's is there for what should never happen.
        host.ShutdownTimeout = arguments.Options.StopTimeout + TimeSpan.FromSeconds(10);
    });
    using IHost host = builder.Build();
    await host.StartAsync(cancellationToken).ConfigureAwait(false);
    StartupSummary.Write(Console.Out, host.Services.GetRequiredService<NvmetServer>());
    await host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
    return 0;
}
