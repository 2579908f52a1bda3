using ManagedNvmet.Tracing;

namespace ManagedNvmet.Management.Tests.Tracing;

/// <summary>A trace of a server in this process.</summary>
internal sealed class RunningTrace : IDisposable
{
    private readonly ManagedServer _managed;
    private readonly MemoryStream _output = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RunningTrace(ManagedServer managed, TraceRequest request)
    {
        _managed = managed;
        Session = managed.View.StartTrace(request)!;
        _running = Task.Run(() => Session.RunAsync(_output, _stop.Token, CancellationToken.None));
    }

    public TraceSession Session { get; }

    /// <summary>The connections that are there are shown from now on: what was posted to their shard has run.</summary>
    public Task AttachedAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _managed.Server.Shards[0].Shard.Post(_ => done.SetResult(), null);
        return done.Task;
    }

    /// <summary>Ends the trace; what was sent before is in it, since the shard has had a round since.</summary>
    /// <returns>Its file, also read.</returns>
    public async Task<(string Path, PcapngFile File)> EndAsync()
    {
        await AttachedAsync();
        await _stop.CancelAsync();
        await _running;
        string path = System.IO.Path.Combine(_managed.Folder, $"{Guid.NewGuid():N}.pcapng");
        await System.IO.File.WriteAllBytesAsync(path, _output.ToArray());
        return (path, new PcapngFile(_output.ToArray()));
    }

    public void Dispose()
    {
        Session.Dispose();
        _stop.Dispose();
        _output.Dispose();
    }
}
