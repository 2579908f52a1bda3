using ManagedNvmet.Initiator;
using ManagedNvmet.Target.Ana;
using Xunit;

namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>Runs one sequence of steps on a server with hosts and on the model, and checks after each step that each host finds what the
/// model predicts.</summary>
internal sealed class ModelRun : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly RunningServer _server;
    private readonly SortedDictionary<(int Host, int Subsystem), WatchedController> _sessions = [];
    private readonly WatchedController[] _discovery = new WatchedController[ModelState.HostCount];
    private readonly ulong[] _generations = new ulong[ModelState.HostCount];
    private readonly Dictionary<(int Subsystem, uint Id), byte> _contents = [];
    private readonly List<ModelState> _history = [ModelState.First];
    private ModelState _state = ModelState.First;
    private string _staleETag = "0";
    private byte _lastWritten;

    private ModelRun(TemporaryFolder folder, RunningServer server)
    {
        _folder = folder;
        _server = server;
    }

    /// <summary>Runs all steps. Throws when a host finds something other than the model predicts.</summary>
    public static async Task GoAsync(IReadOnlyList<Step> way)
    {
        var folder = new TemporaryFolder();
        await using var run = new ModelRun(folder, await RunningServer.StartAsync(ModelState.First.ToConfiguration(), folder.Path));
        for (int host = 0; host < ModelState.HostCount; host++)
        {
            run._discovery[host] = await WatchedController.ConnectAsync(run._server, Nqn.Discovery, host);
            run._generations[host] = (await run._discovery[host].DiscoverAsync()).Generation;
        }
        await run.ConnectAllAsync();
        await run.CheckAsync(run._state);
        foreach (Step step in way)
        {
            ModelState before = run._state;
            await run.TakeAsync(step);
            await run.CheckAsync(before);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WatchedController session in _sessions.Values.Concat(_discovery.OfType<WatchedController>()))
            await session.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task TakeAsync(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.ConnectAll:
                await ConnectAllAsync();
                break;
            case StepKind.ConnectOrDisconnect when _sessions.Remove((step.Host, step.Subsystem), out WatchedController? session):
                await session.DisposeAsync();
                break;
            case StepKind.ConnectOrDisconnect:
                await ConnectAsync(step.Host, step.Subsystem);
                break;
            case StepKind.RollBack:
                int index = step.Value % _history.Count;
                await ChangeAsync(
                    _history[index], _server.Server.RollbackAsync(_server.Server.History[index].Number, CancellationToken.None));
                break;
            case StepKind.ApplyUnsound:
                TargetConfiguration wanted = step.ChangeOf(_state).ToConfiguration();
                PortConfiguration twice = wanted.Ports[0] with { Address = "127.0.0.3" };
                await RefusedAsync(wanted with { Ports = wanted.Ports.Append(twice).ToConfigurationList() }, null, ApplyOutcome.Invalid);
                break;
            case StepKind.ApplyWhatCannotBeHad:
                TargetConfiguration most = step.ChangeOf(_state).ToConfiguration();
                var last = new SubsystemConfiguration
                {
                    Nqn = Nqn.Parse("nqn.2026-11.com.example:without-disk"),
                    Namespaces = [new NamespaceConfiguration { Id = 1, Device = Path.Combine(_folder.Path, "nothing.img") }],
                };
                await RefusedAsync(
                    most with { Subsystems = most.Subsystems.Append(last).ToConfigurationList() }, null, ApplyOutcome.Failed);
                break;
            case StepKind.ApplyWithStaleETag:
                string etag = _staleETag == _server.Server.ETag ? "0" : _staleETag;
                await RefusedAsync(step.ChangeOf(_state).ToConfiguration(), etag, ApplyOutcome.Conflict);
                break;
            default:
                ModelState changed = step.ChangeOf(_state);
                await ChangeAsync(
                    changed, _server.Server.ApplyAsync(changed.ToConfiguration(), _server.Server.ETag, CancellationToken.None));
                break;
        }
    }

    private async Task ChangeAsync(ModelState wanted, Task<ApplyResult> change)
    {
        string before = _server.Server.ETag;
        ApplyResult result = await change;
        Assert.True(result.IsSuccess, $"{result.Outcome}: {result.Reason}");
        if (result.Outcome == ApplyOutcome.Applied)
        {
            _staleETag = before;
            _history.Insert(0, wanted);
            if (_history.Count > ConfigurationHistory.MaxPrevious + 1)
                _history.RemoveAt(_history.Count - 1);
        }
        foreach ((int number, ModelSubsystem subsystem) in wanted.Subsystems)
        {
            foreach ((uint id, ModelNamespace each) in subsystem.Namespaces)
            {
                ModelNamespace? was = _state.Subsystems.GetValueOrDefault(number)?.Namespaces.GetValueOrDefault(id);
                if (was is null || was.HasAnotherDevice(each))
                    _contents[(number, id)] = 0;
            }
        }
        _state = wanted;
    }

    private async Task RefusedAsync(TargetConfiguration wanted, string? etag, ApplyOutcome outcome)
    {
        string before = _server.Server.ETag;
        ApplyResult result = await _server.Server.ApplyAsync(wanted, etag, CancellationToken.None);
        Assert.Equal(outcome, result.Outcome);
        Assert.Equal(before, _server.Server.ETag);
    }

    private async Task ConnectAllAsync()
    {
        for (int host = 0; host < ModelState.HostCount; host++)
        {
            for (int subsystem = 0; subsystem < ModelState.SubsystemCount; subsystem++)
            {
                if (!_sessions.ContainsKey((host, subsystem)))
                    await ConnectAsync(host, subsystem);
            }
        }
    }

    private async Task ConnectAsync(int host, int subsystem)
    {
        if (_state.MayUse(host, subsystem))
        {
            _sessions.Add((host, subsystem), await WatchedController.ConnectAsync(_server, ModelState.SubsystemName(subsystem), host));
            return;
        }
        await Assert.ThrowsAsync<InitiatorException>(
            () => WatchedController.ConnectAsync(_server, ModelState.SubsystemName(subsystem), host));
    }

    private async Task CheckAsync(ModelState before)
    {
        Assert.Equal(_state.ToConfiguration().Normalize(), _server.Server.Configuration);
        Assert.Equal(_history.Count, _server.Server.History.Count);
        for (int host = 0; host < ModelState.HostCount; host++)
            await CheckDiscoveryAsync(before, host);
        foreach (((int host, int subsystem), WatchedController session) in _sessions.ToList())
        {
            if (!_state.KeepsSession(before, host, subsystem))
            {
                await session.IsLostAsync();
                await session.DisposeAsync();
                _sessions.Remove((host, subsystem));
                continue;
            }
            await CheckEventsAsync(before, host, subsystem, session);
            for (uint id = 1; id <= ModelState.NamespaceCount; id++)
                await CheckInputOutputAsync(host, subsystem, id, session);
        }
    }

    private async Task CheckDiscoveryAsync(ModelState before, int host)
    {
        string[] told = [.. _state.Told(host).Order(StringComparer.Ordinal)];
        bool isAnother = !told.SequenceEqual(before.Told(host).Order(StringComparer.Ordinal));
        Equal(
            isAnother ? [WatchedController.DiscoveryEvent] : [],
            await _discovery[host].TakeEventsAsync(),
            $"discovery events of host {host}");
        (ulong generation, string[] found) = await _discovery[host].DiscoverAsync();
        Equal(told, found, $"what discovery tells host {host}");
        Assert.True(
            isAnother == (generation != _generations[host]), $"GENCTR of host {host} went from {_generations[host]} to {generation}.");
        _generations[host] = generation;
    }

    private async Task CheckEventsAsync(ModelState before, int host, int subsystem, WatchedController session)
    {
        string who = $"host {host} in subsystem {subsystem}";
        uint[] changed = [.. _state.ChangedSince(before, host, subsystem)];
        var events = new List<uint>();
        if (changed.Length != 0)
            events.Add(WatchedController.NamespaceEvent);
        if (_state.AnaStateOf(host, 2) != before.AnaStateOf(host, 2))
            events.Add(WatchedController.AnaEvent);
        Equal([.. events], await session.TakeEventsAsync(), $"events of {who}");
        Equal(changed, await session.ChangedNamespacesAsync(), $"changed namespaces of {who}");

        // A namespace that another one replaced is told twice: as removed, and after the host has read that, as added.
        uint[] replaced = [.. _state.ReplacedSince(before, host, subsystem)];
        if (replaced.Length != 0)
        {
            Equal([WatchedController.NamespaceEvent], await session.TakeEventsAsync(), $"events of {who} after a replacement");
            Equal(replaced, await session.ChangedNamespacesAsync(), $"replaced namespaces of {who}");
        }
        IEnumerable<uint> ids = Enumerable.Range(1, (int)ModelState.NamespaceCount).Select(id => (uint)id);
        Equal([.. ids.Where(id => _state.Seen(host, subsystem, id) is not null)],
            await session.ActiveNamespacesAsync(), $"active namespaces of {who}");
        Assert.Equal(
            new Dictionary<uint, byte> { [1] = Wire(AnaState.Optimized), [2] = Wire(_state.AnaStateOf(host, 2)) },
            await session.AnaStatesAsync());
    }

    private async Task CheckInputOutputAsync(int host, int subsystem, uint id, WatchedController session)
    {
        ModelNamespace? seen = _state.Seen(host, subsystem, id);
        NvmeStatus expected = seen is null ? NvmeStatus.InvalidNamespace
            : _state.AnaStateOf(host, seen.AnaGroup) == AnaState.Inaccessible ? NvmeStatus.AnaInaccessible
            : NvmeStatus.Success;
        string what = $"namespace {id} for host {host} in subsystem {subsystem}";
        (NvmeStatus read, byte content) = await session.ReadAsync(id);
        Assert.True(expected.IsSameCode(read), $"A read of {what} ends with {read}, not {expected}.");
        if (expected.IsSuccess)
        {
            Assert.Equal((ulong)seen!.Mebibytes << 20, await session.SizeAsync(id));
            Assert.True(_contents.GetValueOrDefault((subsystem, id)) == content,
                $"A read of {what} finds {content}, not {_contents.GetValueOrDefault((subsystem, id))}.");
            if (!seen.IsWrittenBy(host))
                expected = NvmeStatus.NamespaceWriteProtected;
        }
        NvmeStatus written = await session.WriteAsync(id, ++_lastWritten);
        Assert.True(expected.IsSameCode(written), $"A write of {what} ends with {written}, not {expected}.");
        if (expected.IsSuccess)
            _contents[(subsystem, id)] = _lastWritten;
    }

    private static void Equal<T>(T[] expected, T[] actual, string what) => Assert.True(
        expected.SequenceEqual(actual), $"{what}: expected {string.Join(", ", expected)}; found {string.Join(", ", actual)}");

    private static byte Wire(AnaState state) => state switch
    {
        AnaState.Optimized => 1,
        AnaState.NonOptimized => 2,
        AnaState.Inaccessible => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "The model has no such state."),
    };
}
