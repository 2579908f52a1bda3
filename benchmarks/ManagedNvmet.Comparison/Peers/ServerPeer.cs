using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>One with a server: how it starts, what it has used of the processor, and which client loads it. A server stays for the whole run,
/// so that it is warm, and is held while another one is measured, since some of them poll.</summary>
public abstract class ServerPeer : Peer, IAsyncDisposable
{
    // Memory that was never written is one page of zeros for the kernel, and stays in the cache: reading it costs less than reading data.
    // Where the machine is a virtual one, the kernel's first look at a page can cost microseconds: everybody's has been before it counts.
    private static readonly Load Filling = new() { Depth = 32, TransferBytes = 128 * 1024, ReadPercent = 0, IsSequential = true };
    private static readonly Load Reading = Filling with { ReadPercent = 100 };

    private readonly Dictionary<object, PeerServer> _servers = [];

    /// <inheritdoc/>
    public override async Task<Sample> MeasureAsync(Load load, CancellationToken cancellationToken)
    {
        PeerServer server = await ServerForAsync(load, cancellationToken);
        LoadClient client = ClientFor(load);
        server.Process.Resume();
        try
        {
            await using var sampler = new BusySampler(token => ReadProcessorAsync(server, token));
            Sample sample = await client.RunAsync(server, load, cancellationToken);
            sample.SetProcessorTime(await sampler.MicrosecondsPerSecondAsync(client.Seconds, sample.MeasuredUntil));
            return sample;
        }
        finally
        {
            server.Process.Pause();
        }
    }

    /// <summary>Ends its servers.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (PeerServer server in _servers.Values)
            await server.DisposeAsync();
        _servers.Clear();
    }

    /// <summary>Starts the server for a work. It listens when this returns.</summary>
    protected abstract Task<PeerServer> StartAsync(Work work, CancellationToken cancellationToken);

    /// <summary>The client for a load.</summary>
    protected abstract LoadClient ClientFor(Load load);

    /// <summary>What a server is started with: loads for which it is equal share a server.</summary>
    protected virtual object SettingFor(Work work) => (work.Backing, work.IsSpinning);

    /// <summary>What the server has used of the processor so far.</summary>
    protected virtual Task<ProcessorReading> ReadProcessorAsync(PeerServer server, CancellationToken cancellationToken) =>
        Task.FromResult(new ProcessorReading(ProcessorClock.Microseconds(server.Process.Id)));

    private async Task<PeerServer> ServerForAsync(Work work, CancellationToken cancellationToken)
    {
        object setting = SettingFor(work);
        if (_servers.TryGetValue(setting, out PeerServer? server) && !server.Process.HasExited)
            return server;
        if (server is not null)
        {
            var ended = new ComparisonException(
                $"the server ended by itself with exit code {server.Process.ExitCode}: {server.Process.LastWords}");
            _servers.Remove(setting);
            await server.DisposeAsync();
            throw ended;
        }
        server = await StartAsync(work, cancellationToken);
        try
        {
            if (work is Load { Backing: Backing.Memory } load)
            {
                await ClientFor(load).RunAsync(server, Filling, cancellationToken);
                await ClientFor(load).RunAsync(server, Reading, cancellationToken);
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        return _servers[setting] = server;
    }
}
