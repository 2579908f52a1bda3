namespace ManagedNvmet.Protocol.Connection;

/// <summary>A connection that can be paused and continued on another thread.</summary>
/// <remarks>Between <see cref="TryPause"/> and <see cref="Resume"/> commands that need a buffer wait, commands that have begun end, and
/// only the bytes that these need are received. Belongs to one thread; while <see cref="IsQuiet"/> another may take it over.</remarks>
public interface IMovableConnection : IByteConnection
{
    /// <summary>Begins to pause the connection. False before Connect and after the end of the connection.</summary>
    bool TryPause();

    /// <summary>True from <see cref="TryPause"/> to <see cref="Resume"/>, or to the end of the connection.</summary>
    bool IsPaused { get; }

    /// <summary>Paused, and nothing of its thread is in use: no command holds a buffer or is with a device, all is sent.</summary>
    bool IsQuiet { get; }

    /// <summary>Most bytes that may be received next while the connection is paused: 0, the rest of a PDU, or no limit.</summary>
    int ReceiveLimit { get; }

    /// <summary>Commands received so far. From any thread.</summary>
    long CommandCount { get; }

    /// <summary>Continues on the calling thread.</summary>
    /// <param name="buffers">Data buffers of that thread. They may differ from the previous ones only when <see cref="IsQuiet"/>.</param>
    void Resume(IDataBuffers buffers);
}
