using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>plan</c> verb.</summary>
internal sealed class PlanVerb : ServerVerb
{
    private readonly Argument<string> _file;

    public PlanVerb()
        : base("plan", "Shows what a configuration file would change, and changes nothing") =>
        _file = Add(new Argument<string>("file") { Description = "The configuration; - for standard input" });

    protected override async Task RunAsync(VerbCall call)
    {
        string json = await ConfigurationRequests.ReadAsync(call.Result.GetValue(_file)!, call.CancellationToken).ConfigureAwait(false);
        await ConfigurationRequests.SendAsync(call, HttpMethod.Post, ConfigurationRequests.Path + "/plan", json).ConfigureAwait(false);
    }
}
