using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>The data buffers of one connection: counts those that its commands hold, and queues the commands that wait for one.</summary>
/// <remarks>First come, first served, except for the command whose data is next in the stream: the data of the others may be behind it.
/// Belongs to the connection's thread.</remarks>
internal sealed class BufferLine(ICommandOwner owner, CommandFlow flow, IDataBuffers initialBuffers) : IBufferWaiter
{
    private static readonly Action<object?> ServePosted = static state =>
    {
        var line = (BufferLine)state!;
        line._isServePosted = false;
        line.Serve();
    };

    private readonly Queue<CommandSlot> _waiting = new();
    private IDataBuffers _buffers = initialBuffers;
    private CommandSlot? _inStream;
    private long _heldBytes;
    private bool _isRegistered;
    private bool _isServePosted;

    /// <summary>Only the command whose data is next in the stream gets a buffer: the connection is about to move.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>No command holds a buffer or is registered for one, so the buffers can be exchanged.</summary>
    public bool IsQuiet => _heldBytes == 0 && _inStream is null && !_isRegistered;

    /// <summary>Waiting commands, without the one whose data is next in the stream.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>Begins a pause.</summary>
    public void Pause()
    {
        IsPaused = true;
        if (_isRegistered && _inStream is null)
        {
            _buffers.StopWaiting(this);
            _isRegistered = false;
        }
    }

    /// <summary>Ends a pause: waiting commands get buffers from here.</summary>
    public void Resume(IDataBuffers newBuffers)
    {
        _buffers = newBuffers;
        IsPaused = false;
        Serve();
    }

    /// <summary>Rents a buffer for the command, or queues the command; then <see cref="CommandFlow.OnBuffer"/> is called when it has a
    /// buffer.</summary>
    /// <returns>False when it has to wait.</returns>
    public bool TryRentOrWait(CommandSlot slot)
    {
        if (slot.InCapsuleBytes > 0)
        {
            if (TryRent(slot))
                return true;
            _inStream = slot;
        }
        else
        {
            if (!IsPaused && _waiting.Count == 0 && !IsOverQuota(slot) && TryRent(slot))
                return true;
            _waiting.Enqueue(slot);
            if (IsPaused)
                return false;
        }
        Register(slot);
        return false;
    }

    /// <summary>Rents a buffer for the command ahead of all waiting ones. False when no buffer is free.</summary>
    public bool TryRent(CommandSlot slot)
    {
        bool isRented = _buffers.TryRent((int)slot.SglLength, UseOf(slot), out Memory<byte> buffer);
        if (!isRented)
            return false;
        slot.Data = buffer;
        slot.Placement = DataPlacement.Buffered;
        _heldBytes += buffer.Length;
        return true;
    }

    /// <summary>Returns the command's buffer, if it has one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(CommandSlot slot)
    {
        if (slot.Placement == DataPlacement.Buffered)
        {
            ReturnBuffer(slot);
        }
        else if (slot.Placement == DataPlacement.Borrowed)
        {
            slot.Placement = DataPlacement.None;
            slot.Data = default;
        }
    }

    /// <summary>Removes a command from the queue, so that a reused slot is not in it twice.</summary>
    public void Leave(CommandSlot slot)
    {
        for (int left = _waiting.Count; left > 0; left--)
        {
            CommandSlot waiter = _waiting.Dequeue();
            if (waiter != slot)
                _waiting.Enqueue(waiter);
        }
    }

    /// <summary>Removes all waiting commands.</summary>
    public void Clear()
    {
        _waiting.Clear();
        _inStream = null;
        IsPaused = false;
        if (_isRegistered)
            _buffers.StopWaiting(this);
        _isRegistered = false;
    }

    void IBufferWaiter.OnBuffersAvailable()
    {
        _isRegistered = false;
        Serve();
    }

    private void ReturnBuffer(CommandSlot slot)
    {
        Memory<byte> buffer = slot.Data;
        slot.Data = default;
        slot.Placement = DataPlacement.None;
        _heldBytes -= buffer.Length;
        _buffers.Return(buffer);

        // A queue that is not registered waits for a buffer of its own connection.
        if (_waiting.Count == 0 || IsPaused || _isRegistered || _isServePosted)
            return;
        _isServePosted = true;
        flow.Scheduler.Post(ServePosted, this);
    }

    private void Serve()
    {
        if (_inStream is { } first)
        {
            if (!TryRent(first))
            {
                Register(first);
                return;
            }
            _inStream = null;
            flow.OnBuffer(first);
        }
        while (!IsPaused && _waiting.TryPeek(out CommandSlot? slot))
        {
            if (IsOverQuota(slot) || !TryRent(slot))
            {
                Register(slot);
                return;
            }
            _waiting.Dequeue();
            flow.OnBuffer(slot);
        }
    }

    // Data that is next in the stream is exempt: while it waits, data behind it waits too, for which this connection holds buffers.
    private bool IsOverQuota(CommandSlot slot) => _heldBytes > 0 && slot.InCapsuleBytes == 0 && !owner.IsAdmin
        && _heldBytes + slot.SglLength > owner.Limits.MaxBufferBytes;

    // A connection over its quota waits for buffers of its own; those of other connections would not help.
    private void Register(CommandSlot slot)
    {
        if (_isRegistered || IsOverQuota(slot))
            return;
        _isRegistered = true;
        _buffers.Wait(this);
    }

    private BufferUse UseOf(CommandSlot slot) => owner.IsAdmin || slot.EntryField.IsFabrics ? BufferUse.Admin
        : slot.InCapsuleBytes > 0 ? BufferUse.InCapsule
        : BufferUse.Io;
}
