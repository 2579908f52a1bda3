using Xunit;

namespace ManagedNvmet.LoadGenerator.Tests;

public sealed class VerificationTests
{
    private const int BlockSize = 512;
    private const int TransferBytes = 2 * BlockSize;

    private static readonly LoadOptions Mixed = new()
    {
        BlockCount = 8,
        FirstBlock = 100,
        BlockSize = BlockSize,
        TransferBytes = TransferBytes,
        ReadPercent = 50,
        Depth = 2,
        Verify = true,
        MarkSeed = 7,
        GenerationBase = 1000,
    };

    [Fact]
    public void What_was_written_last_is_right()
    {
        var ledger = new WriteLedger(Mixed, 4);
        byte[] data = Write(ledger, 1);
        data = Write(ledger, 1);

        Read(ledger, 1, data);

        Assert.Equal((2L, 0L), (ledger.CheckedBlocks, ledger.WrongBlocks));
    }

    [Fact]
    public void An_older_write_is_told_with_both_generations()
    {
        var ledger = new WriteLedger(Mixed, 4);
        byte[] old = Write(ledger, 1);
        Write(ledger, 1);

        Read(ledger, 1, old);

        Assert.Equal(2, ledger.WrongBlocks);
        Assert.Equal(
            "block 102: expected address 102, generation 1002, seed 7; found address 102, generation 1001, seed 7", ledger.Faults[0]);
    }

    [Fact]
    public void Blocks_of_another_address_are_told()
    {
        var ledger = new WriteLedger(Mixed, 4);
        byte[] other = Write(ledger, 0);
        Write(ledger, 1);

        Read(ledger, 1, other);

        Assert.Contains(
            "expected address 102, generation 1001, seed 7; found address 100, generation 1001, seed 7",
            ledger.Faults[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_without_a_mark_are_told()
    {
        var ledger = new WriteLedger(Mixed, 4);
        Write(ledger, 1);

        Read(ledger, 1, new byte[TransferBytes]);

        Assert.Equal(2, ledger.WrongBlocks);
        Assert.Contains("found no mark of this tool, but 00000000", ledger.Faults[0], StringComparison.Ordinal);
    }

    [Fact]
    public void One_wrong_bit_anywhere_is_found()
    {
        for (int bit = 0; bit < TransferBytes * 8; bit++)
        {
            var ledger = new WriteLedger(Mixed, 4);
            byte[] data = Write(ledger, 3);
            data[bit / 8] ^= (byte)(1 << (bit % 8));

            Read(ledger, 3, data);

            Assert.Equal(1, ledger.WrongBlocks);
        }
    }

    [Fact]
    public void The_byte_that_is_damaged_is_named()
    {
        var ledger = new WriteLedger(Mixed, 4);
        byte[] data = Write(ledger, 0);
        data[77] ^= 0xFF;

        Read(ledger, 0, data);

        Assert.Contains("byte 77 behind the mark", ledger.Faults[0], StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_run_has_not_written_is_not_judged_unless_it_only_reads()
    {
        var mixed = new WriteLedger(Mixed, 4);
        var readsOnly = new WriteLedger(Mixed with { ReadPercent = 100 }, 4);

        Read(mixed, 0, new byte[TransferBytes]);
        Read(readsOnly, 0, new byte[TransferBytes]);
        Read(readsOnly, 1, Write(new WriteLedger(Mixed with { GenerationBase = 5 }, 4), 1));

        Assert.Equal((0L, 0L), (mixed.CheckedBlocks, mixed.WrongBlocks));
        Assert.Equal((4L, 2L), (readsOnly.CheckedBlocks, readsOnly.WrongBlocks));
    }

    [Fact]
    public void A_write_that_failed_leaves_a_slot_that_nobody_knows()
    {
        var ledger = new WriteLedger(Mixed, 4);
        Write(ledger, 2);
        Assert.Equal(2, ledger.NextWritten(0));
        ledger.Claim(2, isRead: false);
        ledger.EndWrite(2, isSuccess: false);

        Read(ledger, 2, new byte[TransferBytes]);

        Assert.Equal(0, ledger.WrongBlocks);
        Assert.Equal(-1, ledger.NextWritten(0));
    }

    [Fact]
    public void A_write_runs_beside_no_other_command_on_its_blocks_and_reads_run_beside_reads()
    {
        var ledger = new WriteLedger(Mixed, 4);

        Assert.Equal(3, ledger.Claim(3, isRead: false));
        Assert.Equal(0, ledger.Claim(3, isRead: true));
        Assert.Equal(0, ledger.Claim(0, isRead: true));
        Assert.Equal(1, ledger.Claim(0, isRead: false));
    }

    [Fact]
    public void No_more_than_ten_faults_are_kept_in_words()
    {
        var ledger = new WriteLedger(Mixed, 4);
        Write(ledger, 0);
        for (int attempt = 0; attempt < 20; attempt++)
            Read(ledger, 0, new byte[TransferBytes]);

        Assert.Equal((40L, 10), (ledger.WrongBlocks, ledger.Faults.Count));
    }

    private static byte[] Write(WriteLedger ledger, long slot)
    {
        byte[] data = new byte[TransferBytes];
        Assert.Equal(slot, ledger.Claim(slot, isRead: false));
        ledger.Mark(slot, data);
        ledger.EndWrite(slot, isSuccess: true);
        return data;
    }

    private static void Read(WriteLedger ledger, long slot, byte[] data)
    {
        Assert.Equal(slot, ledger.Claim(slot, isRead: true));
        ledger.EndRead(slot, data, isSuccess: true);
    }
}
