using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>The data buffers of one connection: those that its commands hold, and the line of commands that wait for one.</summary>
/// <remarks>Those who came first are served first, but for the one whose data stands in the stream: what the others wait for may be behind
/// it. Belongs to the connection's thread.</remarks>
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

    /// <summary>Only the command whose data is next in the stream is served: the connection is about to go to other buffers.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>No command holds a buffer, and nobody is waited for: the line does not depend on these buffers.</summary>
    public bool IsQuiet => _heldBytes == 0 && _inStream is null && !_isRegistered;

    /// <summary>Commands that wait, but for the one whose data is next in the stream.</summary>
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

    /// <summary>Ends a pause: those who wait get buffers of these.</summary>
    public void Resume(IDataBuffers newBuffers)
    {
        _buffers = newBuffers;
        IsPaused = false;
        Serve();
    }

    /// <summary>Gets the command a buffer now, or has it stand in line: then <see cref="CommandFlow.OnBuffer"/> is called when it has
    /// one.</summary>
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

    /// <summary>Gets a command a buffer whatever others wait for. False when there is none.</summary>
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

    /// <summary>Gives back the command's buffer, if it has one.</summary>
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

    /// <summary>Takes a command out of the line: a slot that is used again must not be found there twice.</summary>
    public void Leave(CommandSlot slot)
    {
        for (int left = _waiting.Count; left > 0; left--)
        {
            CommandSlot waiter = _waiting.Dequeue();
            if (waiter != slot)
                _waiting.Enqueue(waiter);
        }
    }

    /// <summary>Nobody waits any more.</summary>
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

        // A line that is not registered waits for its own owner.
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

    // Data in the stream is exempt: while it waits, so does data behind it for which this connection holds buffers.
    private bool IsOverQuota(CommandSlot slot) => _heldBytes > 0 && slot.InCapsuleBytes == 0 && !owner.IsAdmin
        && _heldBytes + slot.SglLength > owner.Limits.MaxBufferBytes;

    // Who is over the quota waits for buffers of its own connection, and no other connection's would help.
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
