namespace ManagedNvmet.Io.Disks;

/// <summary>Receives the result of a disk operation.</summary>
public interface IDiskCompletion
{
    /// <summary>Called exactly once for each operation, on the thread of the shard, never from inside the call that started it.</summary>
    /// <param name="result">Bytes read or written, which are fewer than asked for only at the end of the file; 0 for other operations;
    /// or -errno.</param>
    /// <param name="state">What was given at the start.</param>
    void OnDiskCompleted(long result, object? state);
}
