using System.CommandLine;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Management.Events;
using ManagedNvmet.Server.Settings;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>events</c> verb.</summary>
internal sealed class EventsVerb : ServerVerb
{
    private readonly Option<int> _last;

    public EventsVerb()
        : base("events", "Shows the last lines of the server's log") =>
        _last = AddOption(LastOption.Of("lines"));

    protected override async Task RunAsync(VerbCall call)
    {
        IReadOnlyList<EventRecord> events = await call.Client.GetAsync(
            $"/v1/events?most={call.Result.GetValue(_last)}", ManagementJson.Default.IReadOnlyListEventRecord, call.CancellationToken)
            .ConfigureAwait(false);
        if (call.Output.IsJson)
        {
            call.Output.Json(events, ManagementJson.Default.IReadOnlyListEventRecord);
            return;
        }
        foreach (EventRecord each in events.Reverse())
            call.Output.Line($"{VerbOutput.Moment(each.Time)} {each.Level.ToLowerInvariant(),-11} {SettingText.Explain(each.Message)}");
    }
}
