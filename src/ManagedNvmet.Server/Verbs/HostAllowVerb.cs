using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>host allow</c> verb: the remedy of a refused host.</summary>
internal sealed class HostAllowVerb : ServerVerb
{
    private const string HostNotAllowed = "HostNotAllowed";
    private const int MaxRefusals = 1000;

    // Hosts that were refused within this time of the last one are candidates, too.
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(10);

    private readonly Argument<string?> _nqn;
    private readonly Option<string[]> _subsystems;
    private readonly Option<bool> _last;

    public HostAllowVerb()
        : base("allow", "Lets a host connect to subsystems, now and from now on")
    {
        _nqn = Add(new Argument<string?>("nqn") { Description = "Its NQN (in /etc/nvme/hostnqn there)", Arity = ArgumentArity.ZeroOrOne });
        _subsystems = AddOption(new Option<string[]>("--subsystem")
        {
            Description = "Allow it on this subsystem. Repeatable. Default: the subsystem, when there is one",
            HelpName = "NQN",
        });
        _last = AddOption(new Option<bool>("--last")
        {
            Description = "Allow the host that was refused last, on the subsystem that it asked for",
        });
    }

    /// <summary>The command that lets a refused host in.</summary>
    /// <param name="refusal">The refusal.</param>
    /// <param name="server">The server that the user named; null for the default one.</param>
    /// <returns>Null when this verb is not the remedy.</returns>
    public static string? CommandFor(RefusalEntry refusal, string? server)
    {
        if (refusal.Reason != HostNotAllowed || refusal.HostNqn is not { } host || refusal.SubsystemNqn is not { } subsystem)
            return null;
        string place = server is null ? "" : $" --server {ShellWord.Of(server)}";
        return $"managed-nvmet host allow {ShellWord.Of(host)} --subsystem {ShellWord.Of(subsystem)}{place}";
    }

    protected override async Task RunAsync(VerbCall call)
    {
        string? host = call.Result.GetValue(_nqn);
        IReadOnlyList<string> subsystems = call.Result.GetValue(_subsystems) ?? [];
        bool isLast = call.Result.GetValue(_last);
        if (host is null != isLast)
            throw new VerbException(ExitCode.Usage, "Give either the NQN of a host, or --last for the host that was refused last.");
        if (isLast)
        {
            RefusalEntry refusal = await LastAsync(call).ConfigureAwait(false);
            host = refusal.HostNqn;
            if (subsystems.Count == 0)
                subsystems = [refusal.SubsystemNqn!];
            if (!call.Output.IsJson)
                call.Output.Line($"{host} from {refusal.RemoteAddress}, refused at {VerbOutput.Moment(refusal.Time)}:");
        }
        await ConfigurationEditor.EditAsync(call, document => Allow(document, host!, subsystems)).ConfigureAwait(false);
    }

    private static void Allow(JsonObject document, string host, IReadOnlyList<string> subsystems)
    {
        ConfigurationDocument.AddHost(document, host);
        ConfigurationDocument.Allow(document, host, subsystems);
    }

    // Anybody can be refused at any moment: the user decides when there is more than one host to choose from.
    private static async Task<RefusalEntry> LastAsync(VerbCall call)
    {
        RefusalReport report = await call.Client.GetAsync(
            $"/v1/refusals?most={MaxRefusals}", ManagementJson.Default.RefusalReport, call.CancellationToken).ConfigureAwait(false);
        RefusalEntry[] refused = [.. report.Last.Where(each => CommandFor(each, null) is not null)];
        if (refused.Length == 0)
            throw new VerbException(
                ExitCode.Failed, "No host was refused because it is not allowed; 'managed-nvmet refused' shows all refusals.");
        RefusalEntry[] candidates =
        [
            .. refused.Where(each => refused[0].Time - each.Time < Recent).DistinctBy(each => (each.HostNqn, each.SubsystemNqn)),
        ];
        return candidates.Length == 1
            ? candidates[0]
            : throw new VerbException(ExitCode.Failed, string.Join('\n',
                ["Several hosts were refused lately; choose one:", .. candidates.Select(each => "  " + CommandFor(each, call.Server))]));
    }
}
