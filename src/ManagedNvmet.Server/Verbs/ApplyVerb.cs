using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>apply</c> verb.</summary>
internal sealed class ApplyVerb : ServerVerb
{
    private readonly Argument<string> _file;
    private readonly Option<string?> _eTag;

    public ApplyVerb()
        : base("apply", "Makes the server what a configuration file says, as a whole or not at all")
    {
        _file = Add(new Argument<string>("file") { Description = "The configuration; - for standard input" });
        _eTag = AddOption(new Option<string?>("--if-match")
        {
            Description = "Apply only if this configuration still runs (the ETag that export or plan showed). Default: whatever runs",
            HelpName = "ETAG",
        });
    }

    protected override async Task RunAsync(VerbCall call)
    {
        string json = await ConfigurationRequests.ReadAsync(call.Result.GetValue(_file)!, call.CancellationToken).ConfigureAwait(false);
        await ConfigurationRequests.SendAsync(call, HttpMethod.Put, ConfigurationRequests.Path, json, call.Result.GetValue(_eTag) ?? "*")
            .ConfigureAwait(false);
    }
}
