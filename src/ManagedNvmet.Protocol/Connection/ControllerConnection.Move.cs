namespace ManagedNvmet.Protocol.Connection;

/// <content>How a connection comes to rest, so that another thread can take it over.</content>
public sealed partial class ControllerConnection : IMovableConnection
{
    /// <inheritdoc/>
    public bool IsPaused => commands.IsPaused;

    /// <inheritdoc/>
    public bool IsQuiet => IsPaused && state == ConnectionState.Live && transmitter.IsEmpty && !receiver.IsBlocked && commands.IsQuiet;

    /// <inheritdoc/>
    public int ReceiveLimit => commands.ReceiveLimit;

    /// <inheritdoc/>
    public long CommandCount => commands.Count;

    /// <inheritdoc/>
    public bool TryPause()
    {
        // Before Connect there is little to gain, and after the end nothing.
        if (state != ConnectionState.Live || IsPaused)
            return false;
        commands.Pause();
        transport.Wake();
        return true;
    }

    /// <inheritdoc/>
    public void Resume(IDataBuffers buffers)
    {
        commands.Resume(buffers);
        transport.Wake();
    }
}
