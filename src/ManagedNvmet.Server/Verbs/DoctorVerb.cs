using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedNvmet.Server.Doctor;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>doctor</c> verb: finds what keeps a host from connecting. It needs no server of ours.</summary>
internal sealed class DoctorVerb : Verb
{
    private readonly Argument<string?> _address;
    private readonly Option<string[]> _disks;

    public DoctorVerb()
        : base("doctor", "Checks what a host or a target needs, and prints the exact line that connects")
    {
        _address = Add(new Argument<string?>("address")
        {
            Description = "ADDRESS[:PORT] or NAME[:PORT] of a target, IPv6 in brackets. Without it only this machine is looked at",
            Arity = ArgumentArity.ZeroOrOne,
        });
        _disks = AddOption(new Option<string[]>("--disk")
        {
            Description = "Also check that this user may open a disk. Repeatable",
            HelpName = "PATH",
        });
    }

    protected override async Task<int> RunAsync(ParseResult result, VerbOutput output, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        (Nqn? host, Guid? hostId) = MachineChecks.Host(findings);
        MachineChecks.Server(findings);
        foreach (string disk in result.GetValue(_disks) ?? [])
            MachineChecks.Disk(disk, findings);
        IReadOnlyList<string> commands = [];
        if (result.GetValue(_address) is { } text)
            commands = await LookAtAsync(text, host, hostId, findings, cancellationToken).ConfigureAwait(false);
        Print(output, findings, commands);
        return findings.Exists(each => each.Grade == FindingGrade.Bad) ? ExitCode.Failed : ExitCode.Done;
    }

    private static async Task<IReadOnlyList<string>> LookAtAsync(
        string text, Nqn? host, Guid? hostId, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (!TargetAddress.TryParse(text, out string name, out int port))
        {
            throw new VerbException(ExitCode.Usage, $"'{text.ReplaceLineEndings(" ")}' is no address; expected such as 192.0.2.7, "
                + $"192.0.2.7:{TargetAddress.DefaultPort} or [2001:db8::7]:{TargetAddress.DefaultPort}.");
        }
        if (await NetworkChecks.ResolveAsync(name, port, findings, cancellationToken).ConfigureAwait(false) is not { } target
            || !await NetworkChecks.ReachAsync(target, findings, cancellationToken).ConfigureAwait(false))
        {
            return [];
        }
        IReadOnlyList<(IPEndPoint EndPoint, Nqn Nqn)> found =
            await TargetChecks.DiscoverAsync(target, host, hostId, findings, cancellationToken).ConfigureAwait(false);

        // The same subsystem may be told of at several addresses; the one that was reached comes first.
        return
        [
            .. found.OrderByDescending(each => each.EndPoint.Address.Equals(target.Address))
                .Select(each => NvmeCli.Connect(each.EndPoint, each.Nqn)).Distinct(StringComparer.Ordinal),
        ];
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
