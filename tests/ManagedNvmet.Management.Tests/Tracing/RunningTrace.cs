using ManagedNvmet.Tracing;

namespace ManagedNvmet.Management.Tests.Tracing;

/// <summary>A running trace of a server in this process.</summary>
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

    /// <summary>Waits until the trace includes the existing connections: the work that was posted to their shard has run.</summary>
    public Task AttachedAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _managed.Server.Shards[0].Shard.Post(_ => done.SetResult(), null);
        return done.Task;
    }

    /// <summary>Ends the trace. It waits for a round of the shard first, so that the trace contains everything sent before the
    /// call.</summary>
    /// <returns>Path of the file, and its parsed content.</returns>
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
