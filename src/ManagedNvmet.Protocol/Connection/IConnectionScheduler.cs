namespace ManagedNvmet.Protocol.Connection;

/// <summary>The thread that owns a connection.</summary>
public interface IConnectionScheduler
{
    /// <summary>True on the owning thread.</summary>
    bool IsCurrentThread { get; }

    /// <summary>Milliseconds of a clock that only moves forward. Read on the owning thread.</summary>
    long Now { get; }

    /// <summary>Runs <paramref name="work"/> on the owning thread, soon. From any thread. Work posted from one thread runs in order.</summary>
    void Post(Action<object?> work, object? state);
}
