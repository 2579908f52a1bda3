using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>kill</c> verb.</summary>
internal sealed class KillVerb : ServerVerb
{
    private readonly Argument<long> _number;

    public KillVerb()
        : base("kill", "Ends a session. The host connects again if it is still allowed") =>
        _number = Add(new Argument<long>("session") { Description = "Its number, as 'sessions' shows it" });

    protected override async Task RunAsync(VerbCall call)
    {
        long wanted = call.Result.GetValue(_number);
        await call.Client.DeleteAsync($"/v1/sessions/{wanted}", call.CancellationToken).ConfigureAwait(false);
        if (!call.Output.IsJson)
            call.Output.Line($"Session {wanted} has been told to end.");
    }
}
