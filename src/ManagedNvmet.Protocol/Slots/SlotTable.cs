using System.Runtime.CompilerServices;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>The slots of a connection, and the command identifiers in use. It grows once, when the queue is established; a slot is created
/// at its first use.</summary>
internal sealed class SlotTable(CommandFlow flow)
{
    private const int CommandIdentifiers = 65536;

    private CommandSlot?[] _slots = new CommandSlot?[1];
    private int[] _free = [0];
    private int _freeCount = 1;
    private int _created;
    private ulong[]? _commandIds;

    public int Capacity => _slots.Length;

    public int InUse => _slots.Length - _freeCount;

    /// <summary>Makes room for as many commands as the host may have outstanding. The slot of the Connect command stays as it is.</summary>
    public void Grow(int entries)
    {
        int before = _slots.Length;
        if (entries <= before)
            return;
        Array.Resize(ref _slots, entries);
        Array.Resize(ref _free, entries);
        _commandIds = new ulong[CommandIdentifiers / 64];

        // Low indices are taken first, so that a queue used lightly touches few slots.
        for (int index = entries - 1; index >= before; index--)
            _free[_freeCount++] = index;
    }

    /// <summary>A free slot, or null when the host has more commands outstanding than the queue has entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CommandSlot? Take()
    {
        if (_freeCount == 0)
            return null;
        int index = _free[--_freeCount];
        if (_slots[index] is { } slot)
            return slot;
        return Create(index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(CommandSlot slot)
    {
        if (slot.OwnsCommandId && _commandIds is not null)
            _commandIds[slot.EntryField.CommandId >> 6] &= ~(1UL << (slot.EntryField.CommandId & 63));
        slot.OwnsCommandId = false;
        _free[_freeCount++] = slot.Index;
    }

    /// <summary>Marks the slot's command identifier as in use. False when it is in use already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryOwnCommandId(CommandSlot slot)
    {
        if (_commandIds is null)
            return true;
        ushort commandId = slot.EntryField.CommandId;
        ref ulong word = ref _commandIds[commandId >> 6];
        ulong bit = 1UL << (commandId & 63);
        if ((word & bit) != 0)
            return false;
        word |= bit;
        slot.OwnsCommandId = true;
        return true;
    }

    /// <summary>The slot at this index if it was ever used, or null.</summary>
    public CommandSlot? At(int index) => (uint)index < (uint)_slots.Length ? _slots[index] : null;

    public CommandSlot? Find(ushort commandId)
    {
        for (int index = 0, seen = 0; index < _slots.Length && seen < _created; index++)
        {
            if (_slots[index] is not { } slot)
                continue;
            seen++;
            if (slot.State != SlotState.Free && slot.OwnsCommandId && slot.EntryField.CommandId == commandId)
                return slot;
        }
        return null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private CommandSlot Create(int index)
    {
        _created++;
        return _slots[index] = new CommandSlot(flow, index);
    }
}
