using System.Runtime.CompilerServices;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>Output of a connection, in order: a ring that grows to a few more items than there are slots.</summary>
/// <remarks>Removed items are not cleared: their slots live as long as the connection anyway.</remarks>
internal sealed class TransmitQueue
{
    private TransmitItem[] _ring = new TransmitItem[8];
    private int _head;

    public int Count { get; private set; }

    public ref TransmitItem this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _ring[(_head + index) & (_ring.Length - 1)];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TransmitKind kind, CommandSlot? slot = null)
    {
        if (Count == _ring.Length)
            Grow();
        ref TransmitItem item = ref this[Count++];
        item.Kind = kind;
        item.Slot = slot;
    }

    /// <summary>Removes the first item, which stays as it is until another is added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly TransmitItem TakeFirst()
    {
        ref TransmitItem first = ref _ring[_head];
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        return ref first;
    }

    /// <summary>Removes everything but the first <paramref name="count"/> items.</summary>
    public void Truncate(int count)
    {
        Count = Math.Min(Count, count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        var larger = new TransmitItem[_ring.Length * 2];
        for (int index = 0; index < Count; index++)
            larger[index] = this[index];
        _ring = larger;
        _head = 0;
    }
}

/// <summary>One item of output.</summary>
internal struct TransmitItem
{
    public TransmitKind Kind;
    public CommandSlot? Slot;
}

internal enum TransmitKind : byte
{
    /// <summary>ICResp, or at the host's end ICReq.</summary>
    InitializeConnection,

    /// <summary>R2T for the range that the slot grants.</summary>
    ReadyToTransfer,

    /// <summary>The slot's data PDUs, if there are any, and its response.</summary>
    Response,

    /// <summary>Terminate Connection Request: nothing is sent after it.</summary>
    Termination,
}
