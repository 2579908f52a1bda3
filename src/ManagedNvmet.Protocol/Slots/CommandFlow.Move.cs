using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Protocol.Slots;

/// <content>How the commands of a connection come to rest.</content>
internal sealed partial class CommandFlow
{
    /// <summary>Commands that came so far. From any thread.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Commands that need a buffer wait, but for those whose data is next in the stream.</summary>
    public bool IsPaused => _buffers.IsPaused;

    /// <summary>No command holds a buffer or is being worked on: all wait for a buffer, or for something that belongs to no thread.</summary>
    public bool IsQuiet => _buffers.IsQuiet && _slots.InUse == _buffers.WaitingCount + Handler.ParkedCommands;

    /// <summary>Most bytes that may be received next: while the commands come to rest only what those that have begun still need.</summary>
    public int ReceiveLimit
    {
        get
        {
            if (!_buffers.IsPaused)
                return int.MaxValue;

            // Data that the host was asked for may stand behind anything.
            for (int index = 0; index < _slots.Capacity; index++)
            {
                if (_slots.At(index) is { State: SlotState.Receiving, InCapsuleBytes: 0 })
                    return int.MaxValue;
            }
            return _receiving is null ? 0 : _receiver.LeftOfPdu;
        }
    }

    /// <summary>Begins to bring the commands to rest.</summary>
    public void Pause() => _buffers.Pause();

    /// <summary>The commands go on, with buffers of the calling thread.</summary>
    public void Resume(IDataBuffers newBuffers) => _buffers.Resume(newBuffers);
}
