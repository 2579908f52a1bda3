namespace ManagedNvmet.Protocol.Connection;

/// <summary>A connection that can be brought to rest and be carried on by another thread.</summary>
/// <remarks>Between <see cref="TryPause"/> and <see cref="Resume"/> commands that need a buffer wait, those that have begun come to their end,
/// and no more is received than these need. Belongs to one thread; while <see cref="IsQuiet"/> another may take it over.</remarks>
public interface IMovableConnection : IByteConnection
{
    /// <summary>Begins to bring the connection to rest. False when it is no queue yet, or not any more.</summary>
    bool TryPause();

    /// <summary>True from <see cref="TryPause"/> to <see cref="Resume"/>, or to the end of the connection.</summary>
    bool IsPaused { get; }

    /// <summary>Paused, and nothing of its thread is in use: no command holds a buffer or is with a device, all is sent.</summary>
    bool IsQuiet { get; }

    /// <summary>Most bytes that may be received next while it is paused: nothing, the rest of a PDU, or as much as comes.</summary>
    int ReceiveLimit { get; }

    /// <summary>Commands that came so far. From any thread.</summary>
    long CommandCount { get; }

    /// <summary>Goes on, on the thread that calls.</summary>
    /// <param name="buffers">Data buffers of that thread. Others than before only when the connection is quiet.</param>
    void Resume(IDataBuffers buffers);
}
