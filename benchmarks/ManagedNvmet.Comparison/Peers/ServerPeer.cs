using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>A peer that runs a server. Derived classes start the server, read its CPU time and choose its client. A server runs for the
/// whole comparison, so that it is warm. It is stopped while another one is measured, because some servers poll.</summary>
public abstract class ServerPeer : Peer, IAsyncDisposable
{
    // These loads touch all memory before the first measurement. Unwritten memory is one shared page of zeros for the kernel, and reading
    // it costs less than reading data. In a virtual machine, the first access to a page can cost microseconds.
    private static readonly Load FillMemory = new() { Depth = 32, TransferBytes = 128 * 1024, ReadPercent = 0, IsSequential = true };
    private static readonly Load ReadMemory = FillMemory with { ReadPercent = 100 };

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

    /// <summary>Ends the servers.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (PeerServer server in _servers.Values)
            await server.DisposeAsync();
        _servers.Clear();
    }

    /// <summary>Starts the server for a workload, and returns when it listens.</summary>
    protected abstract Task<PeerServer> StartAsync(Work work, CancellationToken cancellationToken);

    /// <summary>Returns the client for a load.</summary>
    protected abstract LoadClient ClientFor(Load load);

    /// <summary>Returns the settings of the server for a workload. Workloads with equal settings share a server.</summary>
    protected virtual object SettingFor(Work work) => (work.Backing, work.IsSpinning);

    /// <summary>Reads the CPU time of the server.</summary>
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
                $"the server ended unexpectedly with exit code {server.Process.ExitCode}: {server.Process.OutputTail}");
            _servers.Remove(setting);
            await server.DisposeAsync();
            throw ended;
        }
        server = await StartAsync(work, cancellationToken);
        try
        {
            if (work is Load { Backing: Backing.Memory } load)
            {
                await ClientFor(load).RunAsync(server, FillMemory, cancellationToken);
                await ClientFor(load).RunAsync(server, ReadMemory, cancellationToken);
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
