using System.Runtime.CompilerServices;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>The data buffers of one connection: those that its commands hold, and the line of commands that wait for one.</summary>
/// <remarks>Those who came first are served first, but for the one whose data stands in the stream: what the others wait for may be behind
/// it. Belongs to the connection's thread.</remarks>
internal sealed class BufferLine(ControllerConnection connection, CommandFlow flow, IDataBuffers initialBuffers) : IBufferWaiter
{
    private static readonly Action<object?> ServePosted = static state =>
    {
        var line = (BufferLine)state!;
        line.isServePosted = false;
        line.Serve();
    };

    private readonly Queue<CommandSlot> waiting = new();
    private IDataBuffers buffers = initialBuffers;
    private CommandSlot? inStream;
    private long heldBytes;
    private bool isRegistered;
    private bool isServePosted;

    /// <summary>Only the command whose data is next in the stream is served: the connection is about to go to other buffers.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>No command holds a buffer, and nobody is waited for: the line does not depend on these buffers.</summary>
    public bool IsQuiet => heldBytes == 0 && inStream is null && !isRegistered;

    /// <summary>Commands that wait, but for the one whose data is next in the stream.</summary>
    public int WaitingCount => waiting.Count;

    /// <summary>Begins a pause.</summary>
    public void Pause()
    {
        IsPaused = true;
        if (isRegistered && inStream is null)
        {
            buffers.StopWaiting(this);
            isRegistered = false;
        }
    }

    /// <summary>Ends a pause: those who wait get buffers of these.</summary>
    public void Resume(IDataBuffers newBuffers)
    {
        buffers = newBuffers;
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
            inStream = slot;
        }
        else
        {
            if (!IsPaused && waiting.Count == 0 && !IsOverQuota(slot) && TryRent(slot))
                return true;
            waiting.Enqueue(slot);
            if (IsPaused)
                return false;
        }
        Register(slot);
        return false;
    }

    /// <summary>Gets a command a buffer whatever others wait for. False when there is none.</summary>
    public bool TryRent(CommandSlot slot)
    {
        bool isRented = buffers.TryRent((int)slot.SglLength, UseOf(slot), out Memory<byte> buffer);
        slot.Data = buffer;
        heldBytes += buffer.Length;
        return isRented;
    }

    /// <summary>Gives back the command's buffer, if it has one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(CommandSlot slot)
    {
        if (slot.Data.IsEmpty)
            return;
        if (slot.IsDataBorrowed)
        {
            slot.IsDataBorrowed = false;
            slot.Data = default;
        }
        else
        {
            ReturnBuffer(slot);
        }
    }

    /// <summary>Takes a command out of the line: a slot that is used again must not be found there twice.</summary>
    public void Leave(CommandSlot slot)
    {
        for (int left = waiting.Count; left > 0; left--)
        {
            CommandSlot waiter = waiting.Dequeue();
            if (waiter != slot)
                waiting.Enqueue(waiter);
        }
    }

    /// <summary>Nobody waits any more.</summary>
    public void Clear()
    {
        waiting.Clear();
        inStream = null;
        IsPaused = false;
        if (isRegistered)
            buffers.StopWaiting(this);
        isRegistered = false;
    }

    void IBufferWaiter.OnBuffersAvailable()
    {
        isRegistered = false;
        Serve();
    }

    private void ReturnBuffer(CommandSlot slot)
    {
        Memory<byte> buffer = slot.Data;
        slot.Data = default;
        if (slot.PlacedUnit > 0)
            return;
        heldBytes -= buffer.Length;
        buffers.Return(buffer);

        // A line that is not registered waits for its own connection.
        if (waiting.Count == 0 || IsPaused || isRegistered || isServePosted)
            return;
        isServePosted = true;
        connection.Scheduler.Post(ServePosted, this);
    }

    private void Serve()
    {
        if (inStream is { } first)
        {
            if (!TryRent(first))
            {
                Register(first);
                return;
            }
            inStream = null;
            flow.OnBuffer(first);
        }
        while (!IsPaused && waiting.TryPeek(out CommandSlot? slot))
        {
            if (IsOverQuota(slot) || !TryRent(slot))
            {
                Register(slot);
                return;
            }
            waiting.Dequeue();
            flow.OnBuffer(slot);
        }
    }

    // Data in the stream is exempt: while it waits, so does data behind it for which this connection holds buffers.
    private bool IsOverQuota(CommandSlot slot) => heldBytes > 0 && slot.InCapsuleBytes == 0 && !connection.IsAdmin
        && heldBytes + slot.SglLength > connection.Limits.MaxBufferBytes;

    // Who is over the quota waits for buffers of its own connection, and no other connection's would help.
    private void Register(CommandSlot slot)
    {
        if (isRegistered || IsOverQuota(slot))
            return;
        isRegistered = true;
        buffers.Wait(this);
    }

    private BufferUse UseOf(CommandSlot slot) => connection.IsAdmin || slot.EntryField.IsFabrics ? BufferUse.Admin
        : slot.InCapsuleBytes > 0 ? BufferUse.InCapsule
        : BufferUse.Io;
}
