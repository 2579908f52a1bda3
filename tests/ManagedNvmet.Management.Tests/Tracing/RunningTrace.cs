using ManagedNvmet.Tracing;

namespace ManagedNvmet.Management.Tests.Tracing;

/// <summary>A trace of a server in this process.</summary>
internal sealed class RunningTrace : IDisposable
{
    private readonly ManagedServer managed;
    private readonly MemoryStream output = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public RunningTrace(ManagedServer managed, TraceRequest request)
    {
        this.managed = managed;
        Session = managed.View.StartTrace(request)!;
        running = Task.Run(() => Session.RunAsync(output, stop.Token, CancellationToken.None));
    }

    public TraceSession Session { get; }

    /// <summary>The connections that are there are shown from now on: what was posted to their shard has run.</summary>
    public Task AttachedAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        managed.Server.Shards[0].Shard.Post(_ => done.SetResult(), null);
        return done.Task;
    }

    /// <summary>Ends the trace; what was sent before is in it, since the shard has had a round since.</summary>
    /// <returns>Its file, also read.</returns>
    public async Task<(string Path, PcapngFile File)> EndAsync()
    {
        await AttachedAsync();
        await stop.CancelAsync();
        await running;
        string path = System.IO.Path.Combine(managed.Folder, $"{Guid.NewGuid():N}.pcapng");
        await System.IO.File.WriteAllBytesAsync(path, output.ToArray());
        return (path, new PcapngFile(output.ToArray()));
    }

    public void Dispose()
    {
        Session.Dispose();
        stop.Dispose();
        output.Dispose();
    }
}
