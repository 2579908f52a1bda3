using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Protocol.Controller;

/// <content>How a connection comes to rest, so that another thread can take it over.</content>
public sealed partial class ControllerConnection : IMovableConnection
{
    /// <inheritdoc/>
    public bool IsPaused => _commands.IsPaused;

    /// <inheritdoc/>
    public bool IsQuiet => IsPaused && _state == ConnectionState.Live && _transmitter.IsEmpty && !_receiver.IsBlocked && _commands.IsQuiet;

    /// <inheritdoc/>
    public int ReceiveLimit => _commands.ReceiveLimit;

    /// <inheritdoc/>
    public long CommandCount => _commands.Count;

    /// <inheritdoc/>
    public bool TryPause()
    {
        // Before Connect there is little to gain, and after the end nothing.
        if (_state != ConnectionState.Live || IsPaused)
            return false;
        _commands.Pause();
        _transport.Wake();
        return true;
    }

    /// <inheritdoc/>
    public void Resume(IDataBuffers buffers)
    {
        _commands.Resume(buffers);
        _transport.Wake();
    }
}
