namespace ManagedNvmet.Running;

/// <summary>Reports that a file may have changed, after any change in its folder. It does not follow a link into another folder.</summary>
/// <remarks>It uses notifications of the kernel and does not poll.</remarks>
internal sealed class ConfigurationWatch : IDisposable
{
    // Programs often write a file in several steps.
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    private readonly FileSystemWatcher _watcher;
    private readonly ITimer _timer;

    /// <param name="path">The file.</param>
    /// <param name="changed">Called on a thread of the pool, one call at a time.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="IOException">The folder cannot be watched.</exception>
    public ConfigurationWatch(string path, Action changed, TimeProvider time)
    {
        _timer = time.CreateTimer(_ => changed(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watcher = new FileSystemWatcher(Path.GetDirectoryName(Path.GetFullPath(path))!)
        {
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.DirectoryName,
        };
        _watcher.Changed += (_, _) => Settle();
        _watcher.Created += (_, _) => Settle();
        _watcher.Renamed += (_, _) => Settle();
        _watcher.Error += (_, _) => Settle();
        _watcher.EnableRaisingEvents = true;
    }

    public void Dispose()
    {
        _watcher.Dispose();
        _timer.Dispose();
    }

    private void Settle() => _timer.Change(SettleTime, Timeout.InfiniteTimeSpan);
}
