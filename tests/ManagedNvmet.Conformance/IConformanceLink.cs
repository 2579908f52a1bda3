namespace ManagedNvmet.Conformance;

/// <summary>The controller under test, to which a script connects: an engine in memory, or a target at an address.</summary>
public interface IConformanceLink : IAsyncDisposable
{
    /// <summary>True when the link has a simulated clock: waiting takes no real time, and silence is certain at once.</summary>
    bool HasOwnTime { get; }

    /// <summary>True when the link leads to a complete target, so that a second connection can be opened and used.</summary>
    bool HasTarget { get; }

    /// <summary>NQN of the subsystem that scripts use (SUBNQN).</summary>
    string SubsystemNqn { get; }

    /// <summary>Opens a connection.</summary>
    /// <param name="hpda">HPDA that the script will send. The received PDUs are parsed with it.</param>
    IConformanceConnection Open(byte hpda);

    /// <summary>Waits, or advances the simulated clock.</summary>
    void Advance(TimeSpan time);

    /// <summary>Returns a description of each leaked resource. Called after the last connection has closed.</summary>
    IReadOnlyList<string> FindLeaks();
}

/// <summary>The host's end of one connection, as a stream of bytes.</summary>
public interface IConformanceConnection : IDisposable
{
    void Send(ReadOnlySpan<byte> bytes);

    /// <summary>Receives bytes.</summary>
    /// <returns>Number of bytes; 0 when the connection has closed; -1 when nothing arrived within the time.</returns>
    int Receive(Span<byte> buffer, TimeSpan time);

    /// <summary>Closes the sending direction.</summary>
    void CloseSend();

    /// <summary>Resets the connection.</summary>
    void Reset();
}
