namespace ManagedNvmet.Conformance;

/// <summary>Where a script's connections go: an engine in memory, or an address.</summary>
public interface IConformanceLink : IAsyncDisposable
{
    /// <summary>Time is the script's own: waiting costs nothing, and silence is certain.</summary>
    bool HasOwnTime { get; }

    /// <summary>There is a whole target behind it, so that a second connection can be opened and used.</summary>
    bool HasTarget { get; }

    /// <summary>SUBNQN of the subsystem that scripts use.</summary>
    string SubsystemNqn { get; }

    /// <summary>Opens a connection.</summary>
    /// <param name="hpda">HPDA that the script is going to send: what comes back is read by it.</param>
    IConformanceConnection Open(byte hpda);

    /// <summary>Lets time pass.</summary>
    void Advance(TimeSpan time);

    /// <summary>After the last connection was closed: what did not come back.</summary>
    IReadOnlyList<string> FindLeaks();
}

/// <summary>The host's end of one connection, in bytes.</summary>
public interface IConformanceConnection : IDisposable
{
    void Send(ReadOnlySpan<byte> bytes);

    /// <summary>Takes what has come.</summary>
    /// <returns>How many bytes; 0 when the connection is over; -1 when nothing came in the time.</returns>
    int Receive(Span<byte> buffer, TimeSpan time);

    /// <summary>Says that nothing more will be sent.</summary>
    void CloseSend();

    /// <summary>Ends the connection at once.</summary>
    void Reset();
}
