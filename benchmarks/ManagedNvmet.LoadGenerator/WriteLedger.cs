using System.Globalization;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Records what a queue has written with --verify: for each slot (the blocks of one transfer) the generation of the last write,
/// and the outstanding commands. It keeps a write from running at the same time as another command on the same slot, because the
/// contents would then be undefined.</summary>
/// <remarks>Used on the queue's thread only. It needs 5 bytes per slot.</remarks>
public sealed class WriteLedger
{
    /// <summary>Maximum number of slots of all queues together, which need 320 MiB of memory.</summary>
    public const long MaxSlots = 64L * 1024 * 1024;

    private const byte Writing = 255;
    private const int MaxReportedFaults = 10;

    private readonly LoadOptions _options;
    private readonly uint[] _generations;
    private readonly byte[] _users;
    private readonly List<string> _faults = [];

    /// <summary>Creates a ledger without any recorded write.</summary>
    public WriteLedger(LoadOptions options, long slots)
    {
        _options = options;
        _generations = new uint[slots];
        _users = new byte[slots];
    }

    /// <summary>Number of blocks with wrong contents.</summary>
    public long WrongBlocks { get; private set; }

    /// <summary>Number of checked blocks.</summary>
    public long CheckedBlocks { get; private set; }

    /// <summary>Descriptions of the first 10 wrong blocks.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Claims a slot for a command: the requested one, or the next one that is free for this kind of command. The number of slots
    /// is at least the number of outstanding commands, so that a slot is always free.</summary>
    public long Claim(long slot, bool isRead)
    {
        while (isRead ? _users[slot] >= Writing - 1 : _users[slot] != 0)
            slot = slot + 1 == _users.Length ? 0 : slot + 1;
        _users[slot] = isRead ? (byte)(_users[slot] + 1) : Writing;
        return slot;
    }

    /// <summary>Fills the data of a write with marks of the slot's next generation.</summary>
    public void Mark(long slot, Span<byte> data)
    {
        ulong generation = _options.GenerationBase + _generations[slot] + 1;
        ulong address = AddressOf(slot);
        for (int offset = 0; offset < data.Length; offset += _options.BlockSize, address++)
            new BlockMark(address, generation, _options.MarkSeed).Fill(data.Slice(offset, _options.BlockSize));
    }

    /// <summary>Releases the slot of a completed write and records its generation. After a failed write the contents are unknown, and later
    /// reads of the slot are not checked.</summary>
    public void EndWrite(long slot, bool isSuccess)
    {
        _users[slot] = 0;
        _generations[slot] = isSuccess ? _generations[slot] + 1 : 0;
    }

    /// <summary>Releases the slot of a completed read and checks its blocks.</summary>
    public void EndRead(long slot, ReadOnlySpan<byte> data, bool isSuccess)
    {
        _users[slot]--;
        if (!isSuccess)
            return;
        ulong address = AddressOf(slot);
        for (int offset = 0; offset < data.Length; offset += _options.BlockSize, address++)
            Check(address, _generations[slot], data.Slice(offset, _options.BlockSize));
    }

    /// <summary>Returns the first slot, from <paramref name="slot"/> on, with a recorded write; -1 when there is none.</summary>
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

        // Blocks that this run has not written may contain anything. A run with 100 % reads checks the blocks of an earlier run instead.
        if (!isWrittenHere && _options.ReadPercent < 100)
            return;
        CheckedBlocks++;
        ulong expectedGeneration = isWrittenHere ? _options.GenerationBase + generation : found.Generation;
        var expected = new BlockMark(address, expectedGeneration, _options.MarkSeed);
        if (!isMarked)
        {
            Report(address, isWrittenHere ? $"{expected}" : $"address {address}, seed {_options.MarkSeed}, any generation",
                $"no mark of this tool, but {Convert.ToHexString(block[..16])}…");
        }
        else if (found != expected)
        {
            Report(address, isWrittenHere ? $"{expected}" : $"address {address}, seed {_options.MarkSeed}, any generation", $"{found}");
        }
        else if (expected.FirstDamage(block) is >= 0 and int damage)
        {
            Report(address, $"{expected}",
                $"the same mark, but byte {damage.ToString(CultureInfo.InvariantCulture)} behind the mark is {block[damage]:X2}h");
        }
    }

    private void Report(ulong address, string expected, string found)
    {
        WrongBlocks++;
        if (_faults.Count < MaxReportedFaults)
            _faults.Add($"block {address}: expected {expected}; found {found}");
    }
}
