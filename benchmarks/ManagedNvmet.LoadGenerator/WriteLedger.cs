using System.Globalization;

namespace ManagedNvmet.LoadGenerator;

/// <summary>What a queue has written with --verify: a generation for each slot (a transfer's worth of blocks), and who uses the slot now, so that no
/// write runs beside another command on the same blocks, whose outcome nobody could know.</summary>
/// <remarks>Belongs to the queue's thread. 5 bytes a slot.</remarks>
public sealed class WriteLedger
{
    /// <summary>Most slots over all queues: 320 MiB of memory.</summary>
    public const long MaxSlots = 64L * 1024 * 1024;

    private const byte Writing = 255;
    private const int MaxFaultsTold = 10;

    private readonly LoadOptions _options;
    private readonly uint[] _generations;
    private readonly byte[] _users;
    private readonly List<string> _faults = [];

    /// <summary>Nothing is known to be written yet.</summary>
    public WriteLedger(LoadOptions options, long slots)
    {
        _options = options;
        _generations = new uint[slots];
        _users = new byte[slots];
    }

    /// <summary>Blocks that were wrong.</summary>
    public long WrongBlocks { get; private set; }

    /// <summary>Blocks that were compared with what they must hold.</summary>
    public long CheckedBlocks { get; private set; }

    /// <summary>The first wrong blocks, in words.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Takes the slot that is wished for, or the next one behind it that is free for the purpose. There are at least as many slots as
    /// commands in flight, so there always is one.</summary>
    public long Claim(long slot, bool isRead)
    {
        while (isRead ? _users[slot] >= Writing - 1 : _users[slot] != 0)
            slot = slot + 1 == _users.Length ? 0 : slot + 1;
        _users[slot] = isRead ? (byte)(_users[slot] + 1) : Writing;
        return slot;
    }

    /// <summary>Fills the blocks of a write with marks of the next generation.</summary>
    public void Mark(long slot, Span<byte> data)
    {
        ulong generation = _options.GenerationBase + _generations[slot] + 1;
        ulong address = AddressOf(slot);
        for (int offset = 0; offset < data.Length; offset += _options.BlockSize, address++)
            new BlockMark(address, generation, _options.MarkSeed).Fill(data.Slice(offset, _options.BlockSize));
    }

    /// <summary>A write has ended; when it failed, nobody knows what the slot holds.</summary>
    public void EndWrite(long slot, bool isGood)
    {
        _users[slot] = 0;
        _generations[slot] = isGood ? _generations[slot] + 1 : 0;
    }

    /// <summary>A read has ended; its blocks are compared with what they must hold.</summary>
    public void EndRead(long slot, ReadOnlySpan<byte> data, bool isGood)
    {
        _users[slot]--;
        if (!isGood)
            return;
        ulong address = AddressOf(slot);
        for (int offset = 0; offset < data.Length; offset += _options.BlockSize, address++)
            Check(address, _generations[slot], data.Slice(offset, _options.BlockSize));
    }

    /// <summary>The first slot from <paramref name="slot"/> on that holds something known, or -1.</summary>
    public long NextWritten(long slot)
    {
        int found = slot >= _generations.Length ? -1 : _generations.AsSpan((int)slot).IndexOfAnyExcept(0u);
        return found < 0 ? -1 : slot + found;
    }

    private ulong AddressOf(long slot) => _options.FirstBlock + ((ulong)slot * (ulong)(_options.TransferBytes / _options.BlockSize));

    private void Check(ulong address, uint generation, ReadOnlySpan<byte> block)
    {
        bool isMarked = BlockMark.TryRead(block, out BlockMark found);
        bool isWrittenHere = generation != 0;

        // What this run has not written may hold anything; but a run that only reads was asked to check what an earlier one wrote.
        if (!isWrittenHere && _options.ReadPercent < 100)
            return;
        CheckedBlocks++;
        ulong expectedGeneration = isWrittenHere ? _options.GenerationBase + generation : found.Generation;
        var expected = new BlockMark(address, expectedGeneration, _options.MarkSeed);
        if (!isMarked)
        {
            Fault(address, isWrittenHere ? $"{expected}" : $"address {address}, seed {_options.MarkSeed}, any generation",
                $"no mark of this tool, but {Convert.ToHexString(block[..16])}…");
        }
        else if (found != expected)
        {
            Fault(address, isWrittenHere ? $"{expected}" : $"address {address}, seed {_options.MarkSeed}, any generation", $"{found}");
        }
        else if (expected.FirstDamage(block) is >= 0 and int damage)
        {
            Fault(address, $"{expected}", $"the same, but byte {damage.ToString(CultureInfo.InvariantCulture)} behind the mark is {block[damage]:X2}h");
        }
    }

    private void Fault(ulong address, string expected, string found)
    {
        WrongBlocks++;
        if (_faults.Count < MaxFaultsTold)
            _faults.Add($"block {address}: expected {expected}; found {found}");
    }
}
