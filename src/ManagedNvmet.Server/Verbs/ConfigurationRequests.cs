using ManagedNvmet.Configuration;
using ManagedNvmet.Management.Api;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The requests of verbs that change the configuration.</summary>
internal static class ConfigurationRequests
{
    /// <summary>The document.</summary>
    public const string Path = "/v1/configuration";

    /// <summary>Sends a request whose answer is a plan, and prints it.</summary>
    /// <param name="call">The run of the verb.</param>
    /// <param name="method">PUT or POST.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="json">The document, or null.</param>
    /// <param name="eTag">The document that it replaces; * for any, null for none.</param>
    public static async Task SendAsync(VerbCall call, HttpMethod method, string path, string? json = null, string? eTag = null) =>
        Print(call, await call.Client.SendAsync(method, path, json, eTag, ManagementJson.Default.PlanReport, call.CancellationToken)
            .ConfigureAwait(false));

    /// <summary>Reads a document from a file, or from standard input for <c>-</c>.</summary>
    /// <exception cref="VerbException">The file cannot be read.</exception>
    public static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
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

    private static void Print(VerbCall call, PlanReport report)
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
}
