using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedNvmet.Server.Doctor;

namespace ManagedNvmet.Server.Verbs;

/// <summary>Looks for what keeps a host from connecting. Needs no server of ours: it looks from where it runs.</summary>
internal static class DoctorVerb
{
    private const int DefaultPort = 4420;

    public static Command Create()
    {
        var address = new Argument<string?>("address")
        {
            Description = "ADDRESS[:PORT] or NAME[:PORT] of a target, IPv6 in brackets. Without it only this machine is looked at",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var disks = new Option<string[]>("--disk")
        {
            Description = "Also check that this user may open a disk. Repeatable",
            HelpName = "PATH",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON, for programs" };
        var verb = new Command("doctor", "Checks what a host or a target needs, and prints the exact line that connects")
        {
            address, disks, json,
        };
        verb.SetAction(async (result, cancellationToken) =>
        {
            var findings = new List<Finding>();
            (Nqn? host, Guid? hostId) = MachineChecks.Host(findings);
            MachineChecks.Server(findings);
            foreach (string disk in result.GetValue(disks) ?? [])
                MachineChecks.Disk(disk, findings);
            IReadOnlyList<string> commands = [];
            if (result.GetValue(address) is { } text)
                commands = await LookAtAsync(text, host, hostId, findings, cancellationToken).ConfigureAwait(false);
            Print(new VerbOutput(result.InvocationConfiguration.Output, result.GetValue(json)), findings, commands);
            return findings.Exists(each => each.Grade == FindingGrade.Bad) ? ExitCode.Failed : ExitCode.Done;
        });
        return verb;
    }

    private static async Task<IReadOnlyList<string>> LookAtAsync(
        string text, Nqn? host, Guid? hostId, List<Finding> findings, CancellationToken cancellationToken)
    {
        (string name, int port) = Split(text);
        if (await NetworkChecks.ResolveAsync(name, port, findings, cancellationToken).ConfigureAwait(false) is not { } target
            || !await NetworkChecks.ReachAsync(target, findings, cancellationToken).ConfigureAwait(false))
        {
            return [];
        }
        IReadOnlyList<(string Address, string Port, string Nqn)> found =
            await TargetChecks.DiscoverAsync(target, host, hostId, findings, cancellationToken).ConfigureAwait(false);

        // The same subsystem may be told of at several addresses; the one that was reached comes first.
        return
        [
            .. found.OrderByDescending(each => each.Address == target.Address.ToString())
                .Select(each => $"nvme connect -t tcp -a {each.Address} -s {each.Port} -n {each.Nqn}").Distinct(StringComparer.Ordinal),
        ];
    }

    private static (string Name, int Port) Split(string text)
    {
        if (IPAddress.TryParse(text, out IPAddress? plain))
            return (plain.ToString(), DefaultPort);
        int colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']'))
            return (text.Trim('[', ']'), DefaultPort);
        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is > 0 and <= 65535
            ? (text[..colon].Trim('[', ']'), port)
            : throw new VerbException(ExitCode.Usage,
                $"'{text}' is no address; expected such as 192.0.2.7, 192.0.2.7:{DefaultPort} or [2001:db8::7]:{DefaultPort}.");
    }

    private static void Print(VerbOutput output, List<Finding> findings, IReadOnlyList<string> commands)
    {
        if (output.IsJson)
        {
            var document = new JsonObject
            {
                ["findings"] = new JsonArray([.. findings.Select(each => (JsonNode)new JsonObject
                {
                    ["grade"] = each.Grade.ToString(),
                    ["subject"] = each.Subject,
                    ["text"] = each.Text,
                    ["advice"] = each.Advice,
                })]),
                ["commands"] = new JsonArray([.. commands.Select(each => (JsonNode)each)]),
            };
            output.Line(document.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
            return;
        }
        foreach (Finding finding in findings)
        {
            string mark = finding.Grade switch { FindingGrade.Good => "ok  ", FindingGrade.Hint => "hint", _ => "BAD " };
            output.Line($"{mark}  {finding.Subject,-10}  {finding.Text}");
            if (finding.Advice is not null)
                output.Line($"                  → {finding.Advice}");
        }
        if (commands.Count == 0)
            return;
        output.Line("");
        output.Line("On this host, as root:");
        output.Line("  modprobe nvme-tcp");
        foreach (string command in commands)
            output.Line("  " + command);
    }
}
