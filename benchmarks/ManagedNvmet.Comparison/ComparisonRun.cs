using System.Diagnostics;
using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;
using ManagedNvmet.Comparison.Peers;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison;

/// <summary>Measures all contestants in turn, round by round, so that a change of the machine's speed affects all of them.</summary>
public sealed class ComparisonRun(ComparisonOptions options)
{
    /// <summary>Measures all contestants of the bars. Each bar has samples of its own, so that the compared samples are taken shortly after
    /// one another.</summary>
    public async Task<IReadOnlyDictionary<Bar, Ledger>> MeasureAsync(IReadOnlyList<Bar> bars, CancellationToken cancellationToken)
    {
        SpdkTree? tree = options.SpdkTree is { } folder ? new SpdkTree(folder) : null;
        await using var files = new BackingFiles(options.Device);
        LoadClient client = options.Client == ClientKind.NvmeLoad
            ? new NvmeLoadClient(options.LoadTool, files.Folder, options.Seconds)
            : new SpdkPerfClient(tree ?? throw new ComparisonException("--client spdk-perf needs --spdk DIR"), options.Seconds);
        var ours = new OursPeer(options, files, client);
        var own = new OwnMeasurements(options, ours, files);
        Dictionary<PeerKind, Peer> peers = new Peer[]
        {
            ours, new SpdkPeer(tree, files, client), new FloorPeer(options.Floor, files, client), new TgtPeer(files, options.Seconds),
            new QemuNbdPeer(files, options.Seconds), new NbdkitPeer(files, options.Seconds), new LocalFioPeer(files, options.Seconds),
        }.ToDictionary(peer => peer.Kind);
        Dictionary<Bar, Ledger> ledgers = bars.ToDictionary(bar => bar, _ => new Ledger());
        List<(Bar Bar, Contestant Contestant)> steps =
            [.. bars.SelectMany(bar => Contestants(bar, peers, ledgers[bar]), (bar, contestant) => (bar, contestant))];
        try
        {
            for (int round = 1; round <= options.Rounds; round++)
            {
                for (int index = 0; index < steps.Count; index++)
                {
                    (Bar bar, Contestant contestant) = steps[index];
                    string step = $"round {round} of {options.Rounds}, {index + 1} of {steps.Count}: "
                        + $"{bar.Name}, {contestant.Peer}, {contestant.Work.Text}";
                    await MeasureAsync(contestant, round, step, peers, own, files, ledgers[bar], cancellationToken);
                }
            }
        }
        finally
        {
            foreach (ServerPeer peer in peers.Values.OfType<ServerPeer>())
                await peer.DisposeAsync();
        }
        return ledgers;
    }

    private static async Task MeasureAsync(
        Contestant contestant,
        int round,
        string step,
        Dictionary<PeerKind, Peer> peers,
        OwnMeasurements own,
        BackingFiles files,
        Ledger ledger,
        CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            Sample sample;
            if (contestant.Work is Load load)
            {
                await files.PrepareAsync(load.Backing, cancellationToken);
                sample = await peers[contestant.Peer].MeasureAsync(load, cancellationToken);
            }
            else
            {
                sample = await own.MeasureAsync(contestant.Work, cancellationToken);
            }
            ledger.Add(contestant, round, sample);
            Console.Error.WriteLine($"{step}: {sample.Text} ({clock.Elapsed.TotalSeconds:0.0} s)");
        }
        catch (ComparisonException exception)
        {
            ledger.Miss(contestant, exception.Message);
            Console.Error.WriteLine($"{step}: failed: {exception.Message}");
        }
    }

    // Returns each available contestant once, with the contestants of a criterion next to each other.
    private static List<Contestant> Contestants(Bar bar, Dictionary<PeerKind, Peer> peers, Ledger ledger)
    {
        List<Contestant> contestants = [];
        foreach (Criterion criterion in bar.Criteria)
        {
            foreach (Contestant contestant in criterion.Contestants)
            {
                // This server comes first. If it is not available, the others are not needed.
                if (peers[contestant.Peer].Missing(contestant.Work) is { } reason)
                {
                    ledger.Miss(contestant, reason);
                    if (contestant.Peer == PeerKind.Ours)
                        break;
                }
                else if (!contestants.Contains(contestant))
                {
                    contestants.Add(contestant);
                }
            }
        }
        return contestants;
    }
}
