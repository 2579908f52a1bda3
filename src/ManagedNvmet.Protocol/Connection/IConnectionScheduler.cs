namespace ManagedNvmet.Protocol.Connection;

/// <summary>The thread that owns a connection.</summary>
public interface IConnectionScheduler
{
    /// <summary>True on the owning thread.</summary>
    bool IsCurrentThread { get; }

    /// <summary>Milliseconds of a clock that only moves forward. Read on the owning thread.</summary>
    long Now { get; }

    /// <summary>Start of the current round of the loop, in ticks of <see cref="System.Diagnostics.Stopwatch"/>: one reading of the clock
    /// for all commands of the round. Read on the owning thread.</summary>
    long RoundTicks { get; }

    /// <summary>Reads the clock of <see cref="RoundTicks"/> now.</summary>
    long ReadTicks();

    /// <summary>Runs <paramref name="work"/> on the owning thread, soon. From any thread. Work posted from one thread runs in
    /// order.</summary>
    void Post(Action<object?> work, object? state);
}
