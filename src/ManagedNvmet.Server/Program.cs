using System.CommandLine;
using System.Runtime.InteropServices;
using ManagedNvmet;
using ManagedNvmet.Server;
using ManagedNvmet.Server.Verbs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

// Exit codes: 0 stopped as asked or done, 1 could not start or failed, 2 wrong arguments, 3 no server answers, 4 somebody else was faster.
// A stop may be asked for before there is a host that listens for it.
using var stopping = new CancellationTokenSource();
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, BeginStop);
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, BeginStop);
var commandLine = new ServerCommandLine(RunAsync);
ParseResult parsed = commandLine.Parse(args);
try
{
    // A shell that completes a line asks about one that is not whole yet.
    bool isCompletion = args is [{ } first, ..] && first.StartsWith("[suggest", StringComparison.Ordinal);
    if (!isCompletion && commandLine.FaultOf(parsed) is { } fault)
        throw new UsageException(fault);
    return await parsed.InvokeAsync(
        new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = new CheckedWriter(Console.Out),
        },
        stopping.Token).ConfigureAwait(false);
}
catch (UsageException exception)
{
    Complain($"{exception.Message} ('managed-nvmet --help' lists the options)");
    return 2;
}
catch (StartupException exception)
{
    Complain(exception.Message.ReplaceLineEndings(" ") + SettingOptions.Hint(exception.Setting));
    foreach (string detail in exception.Details)
        Complain(detail.ReplaceLineEndings(" "));
    return 1;
}
catch (VerbException exception)
{
    Complain(exception.Message);
    return exception.ExitCode;
}
catch (OutputException exception)
{
    Complain(exception.Message);
    return ExitCode.Failed;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    return ExitCode.Failed;
}

static void Complain(string sentence)
{
    try
    {
        Console.Error.WriteLine($"managed-nvmet: {sentence}");
    }
    catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
    {
        // Standard error is closed, or its disk is full: the exit code is what is left.
    }
}

void BeginStop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}

// Without a file there is nothing to read again, and the signal ends the process as it always does.
static PosixSignalRegistration? ReloadOnHangUp(NvmetServer server, CancellationToken cancellationToken) =>
    server.ConfigurationPath is null
        ? null
        : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _ = ReloadAsync(server, cancellationToken);
        });

static async Task ReloadAsync(NvmetServer server, CancellationToken cancellationToken)
{
    try
    {
        await server.ReloadAsync(cancellationToken).ConfigureAwait(false);
    }
    catch (OperationCanceledException)
    {
        // The server stops.
    }
}

static async Task<int> RunAsync(ServerArguments arguments, CancellationToken cancellationToken)
{
    HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
    builder.Logging.SetMinimumLevel(arguments.LogLevel);
    builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

    // What keeps the server from starting is said once, as a sentence, by the caller.
    builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    builder.Logging.AddConsole(console =>
    {
        console.FormatterName = ServiceManager.ReadsTheLog ? ConsoleFormatterNames.Systemd : LineFormatter.FormatterName;

        // Who reads the log too slowly, or not at all, loses lines; I/O does not wait for them.
        console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
    });
    builder.Services.AddSingleton<ConsoleFormatter, LineFormatter>();

    ServiceManager.AddTo(builder.Services);
    if (arguments.Management is { SocketPath: not null } or { EndPoints.Count: > 0 } or { OtlpEndPoint: not null })
        builder.Services.AddNvmetManagement(arguments.Management);
    builder.Services.AddSingleton(Options.Create(arguments.Options));
    builder.Services.AddNvmet();
    builder.Services.Configure<HostOptions>(host =>
    {
        // The server has its own deadline for commands in flight; the host's is there for what should never happen.
        host.ShutdownTimeout = arguments.Options.StopTimeout + TimeSpan.FromSeconds(10);
    });
    using IHost host = builder.Build();
    try
    {
        await host.StartAsync(cancellationToken).ConfigureAwait(false);
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        // Stopped while it started: the server has closed what it had opened.
        return 0;
    }
    NvmetServer server = host.Services.GetRequiredService<NvmetServer>();
    using PosixSignalRegistration? reload = ReloadOnHangUp(server, cancellationToken);

    // Hosts are served already, and their lines of the log may have filled a pipe that nobody reads: a stop does not wait for that.
    var summary = Task.Run(() => StartupSummary.Write(Console.Out, server), CancellationToken.None);
    await host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
    await Task.WhenAny(summary, Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None)).ConfigureAwait(false);
    return 0;
}
