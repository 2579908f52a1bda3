using System.CommandLine;
using System.Globalization;
using ManagedNvmet.Configuration;
using ManagedNvmet.Management.Api;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The verbs that look at the configuration as a whole and change it.</summary>
internal static class ConfigurationVerbs
{
    public const string Path = "/v1/configuration";

    public static IEnumerable<Command> All() => [Plan(), Apply(), Rollback(), Verb.Create("history",
        "Lists the configurations that ran before", HistoryAsync), Export(), Import()];

    /// <summary>Prints what a change would do, or did.</summary>
    public static void Print(VerbCall call, PlanReport report)
    {
        if (call.Output.IsJson)
        {
            call.Output.Json(report, ManagementJson.Default.PlanReport);
            return;
        }
        call.Output.Line(report.Text.TrimEnd('\n'));
        if (report.Outcome != ApplyOutcome.Applied)
            return;
        call.Output.Line($"Applied; the configuration is now {report.ETag}.");
        if (!report.IsKept)
        {
            call.Output.Line("This change is lost when the server stops, because the server runs without a configuration file. To keep it: "
                + "managed-nvmet export FILE, and start the server with --config FILE from then on.");
        }
    }

    private static Command Plan()
    {
        Argument<string> file = FileArgument();
        Command verb = Verb.Create("plan", "Shows what a configuration file would change, and changes nothing", async call =>
        {
            string json = await ReadAsync(call.Result.GetValue(file)!, call.CancellationToken).ConfigureAwait(false);
            Print(call, await call.Client.SendAsync(
                HttpMethod.Post, Path + "/plan", json, null, ManagementJson.Default.PlanReport,
                    call.CancellationToken).ConfigureAwait(false));
        });
        verb.Add(file);
        return verb;
    }

    private static Command Apply()
    {
        Argument<string> file = FileArgument();
        var eTag = new Option<string?>("--if-match")
        {
            Description = "Apply only if this configuration still runs (the ETag that export or plan showed). Default: whatever runs",
            HelpName = "ETAG",
        };
        Command verb = Verb.Create("apply", "Makes the server what a configuration file says, as a whole or not at all", async call =>
        {
            string json = await ReadAsync(call.Result.GetValue(file)!, call.CancellationToken).ConfigureAwait(false);
            Print(call, await call.Client.SendAsync(
                HttpMethod.Put, Path, json, call.Result.GetValue(eTag) ?? "*", ManagementJson.Default.PlanReport,
                    call.CancellationToken).ConfigureAwait(false));
        });
        verb.Add(file);
        verb.Add(eTag);
        return verb;
    }

    private static Command Rollback()
    {
        var number = new Argument<int?>("number")
        {
            Description = "The configuration, as 'history' shows it. Default: the one before the running one",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Command verb = Verb.Create("rollback", "Returns to a configuration that ran before", async call =>
        {
            string query = call.Result.GetValue(number) is { } wanted ? $"?number={wanted}" : "";
            Print(call, await call.Client.SendAsync(
                HttpMethod.Post, Path + "/rollback" + query, null, null, ManagementJson.Default.PlanReport,
                    call.CancellationToken).ConfigureAwait(false));
        });
        verb.Add(number);
        return verb;
    }

    private static async Task HistoryAsync(VerbCall call)
    {
        IReadOnlyList<HistoryEntry> history = await call.Client.GetAsync(
            Path + "/history", ManagementJson.Default.IReadOnlyListHistoryEntry, call.CancellationToken).ConfigureAwait(false);
        if (call.Output.IsJson)
        {
            call.Output.Json(history, ManagementJson.Default.IReadOnlyListHistoryEntry);
            return;
        }
        call.Output.Rows(history, "No configuration ran before.",
            ("number", row => row.Number.ToString(CultureInfo.InvariantCulture)),
            ("applied", row => VerbOutput.Moment(row.Time)),
            ("etag", row => row.ETag),
            ("changed by", row => row.Requester),
            ("what it changed", row => row.Summary));
    }

    private static Command Export()
    {
        var file = new Argument<string?>("file") { Description = "Where to. Default: standard output", Arity = ArgumentArity.ZeroOrOne };
        Command verb = Verb.Create("export", "Writes the running configuration, in the shape that nvmetcli saves", async call =>
        {
            (string json, string eTag) = await call.Client.GetTextAsync(Path, call.CancellationToken).ConfigureAwait(false);
            if (call.Result.GetValue(file) is not { } path)
            {
                call.Output.Line(json.TrimEnd('\n'));
                return;
            }
            try
            {
                await File.WriteAllTextAsync(path, json, call.CancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new VerbException(ExitCode.Failed, $"{path} cannot be written: {exception.Message}");
            }
            call.Output.Line($"Configuration {eTag} is in {path}.");
        });
        verb.Add(file);
        return verb;
    }

    // Needs no server: what is read becomes a configuration on standard output, to look at and to apply.
    private static Command Import()
    {
        var kind = new Argument<string>("kind") { Description = "What is read: nvmetcli, spdk (of save_config) or kernel (configfs)" };
        kind.AcceptOnlyFromAmong("nvmetcli", "spdk", "kernel");
        var source = new Argument<string?>("source")
        {
            Description = $"The file, or the folder of configfs. Default for kernel: {ConfigfsImporter.KernelFolder}",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var verb = new Command("import", "Turns the configuration of another target into one for 'apply', on standard output")
        {
            kind, source,
        };
        verb.SetAction(result =>
        {
            ConfigurationReading reading = Import(result.GetValue(kind)!, result.GetValue(source));
            foreach (ConfigurationProblem problem in reading.Problems)
                result.InvocationConfiguration.Error.WriteLine($"{problem.Severity.ToString().ToLowerInvariant()}: {problem}");
            if (reading.Secrets.Count > 0)
                result.InvocationConfiguration.Error.WriteLine("warning: keys of hosts are not written; put them in the server's file of secrets.");
            if (reading.Configuration is not { } configuration || !reading.IsSound)
                throw new VerbException(ExitCode.Failed, "Nothing was imported; see above.");
            result.InvocationConfiguration.Output.WriteLine(ConfigurationFile.Write(configuration).TrimEnd('\n'));
            return ExitCode.Done;
        });
        return verb;
    }

    private static ConfigurationReading Import(string kind, string? source)
    {
        try
        {
            return kind switch
            {
                "kernel" => ConfigfsImporter.Read(source ?? ConfigfsImporter.KernelFolder),
                _ when source is null => throw new VerbException(ExitCode.Usage, $"'import {kind}' needs the file to read."),
                "spdk" => SpdkImporter.Parse(File.ReadAllBytes(source)),
                _ => ConfigurationFile.Parse(File.ReadAllBytes(source)),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ConfigurationException)
        {
            throw new VerbException(ExitCode.Failed, $"{source} cannot be imported: {exception.Message}");
        }
    }

    private static Argument<string> FileArgument() => new("file") { Description = "The configuration; - for standard input" };

    private static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return file == "-"
                ? await Console.In.ReadToEndAsync(cancellationToken).ConfigureAwait(false)
                : await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VerbException(ExitCode.Failed, $"{file} cannot be read: {exception.Message}");
        }
    }
}
