using System.CommandLine;
using ManagedNvmet.Management.Api;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>apply</c> verb.</summary>
internal sealed class ApplyVerb : ServerVerb
{
    private readonly Argument<string> _file;
    private readonly Option<string?> _eTag;
    private readonly Option<bool> _yes;

    public ApplyVerb()
        : base("apply", "Makes the server what a configuration file says, as a whole or not at all")
    {
        _file = Add(new Argument<string>("file") { Description = "The configuration; - for standard input" });
        _eTag = AddOption(new Option<string?>("--if-match")
        {
            Description = "Apply only if this configuration still runs (the ETag that export or plan showed). Default: whatever runs",
            HelpName = "ETAG",
        });
        _yes = AddOption(
            new Option<bool>("--yes") { Description = "Do not ask before a change after which no host can use a disk of the server" });
    }

    protected override async Task RunAsync(VerbCall call)
    {
        string json = await ConfigurationRequests.ReadAsync(call.Result.GetValue(_file)!, call.CancellationToken).ConfigureAwait(false);
        if (!call.Result.GetValue(_yes))
            await AskAsync(call, json).ConfigureAwait(false);
        await ConfigurationRequests.SendAsync(call, HttpMethod.Put, ConfigurationRequests.Path, json, call.Result.GetValue(_eTag) ?? "*")
            .ConfigureAwait(false);
    }

    // An empty or wrong file is easily applied by mistake, and ends every session.
    private static async Task AskAsync(VerbCall call, string json)
    {
        PlanReport plan;
        try
        {
            plan = await call.Client.SendAsync(HttpMethod.Post, ConfigurationRequests.Path + "/plan", json, null,
                ManagementJson.Default.PlanReport, call.CancellationToken).ConfigureAwait(false);
        }
        catch (VerbException)
        {
            // The request that follows meets the same error and reports it.
            return;
        }
        if (!plan.RemovesEverything)
            return;
        if (Console.IsInputRedirected)
            throw new VerbException(ExitCode.Failed, $"{plan.Text.TrimEnd('\n')}\nNothing was changed. Add --yes to apply it.");
        call.Output.Line(plan.Text.TrimEnd('\n'));
        call.Output.Line("Type yes to apply this:");
        if (Console.ReadLine()?.Trim() != "yes")
            throw new VerbException(ExitCode.Failed, "Nothing was changed.");
    }
}
