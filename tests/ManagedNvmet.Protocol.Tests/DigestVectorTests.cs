using CsCheck;

namespace ManagedNvmet.Protocol.Tests;

/// <summary>Compares CRC32C values, and whole PDUs with digests, with values that other code has computed.</summary>
public sealed class DigestVectorTests
{
    [Fact]
    public void The_check_value_of_CRC32C_comes_out() => Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));

    [Fact]
    public void A_block_of_zeros_has_the_known_digest() => Assert.Equal(0x98F94189u, Crc32C.Compute(new byte[4096]));

    [Fact]
    public void All_byte_values_twice_have_the_known_digest()
    {
        byte[] bytes = [.. Enumerable.Range(0, 512).Select(value => (byte)value)];
        Assert.Equal(0xAE10EE5Au, Crc32C.Compute(bytes));
    }

    [Fact]
    public void Nothing_has_the_digest_zero() => Assert.Equal(0u, Crc32C.Compute([]));

    [Fact]
    public void The_instruction_and_the_table_agree_on_any_bytes_in_any_parts() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[0, 300], Gen.UInt).Sample((bytes, cut, seed) =>
        {
            cut = Math.Min(cut, bytes.Length);
            uint whole = Crc32C.AppendByTable(seed, bytes);
            uint parts = Crc32C.Append(Crc32C.Append(seed, bytes.AsSpan(0, cut)), bytes.AsSpan(cut));
            return whole == parts && Crc32C.Append(seed, bytes) == whole;
        });

    [Fact]
    public void Every_length_at_every_alignment_gives_what_the_table_gives()
    {
        byte[] bytes = Pattern.Make(9000, 7);
        uint expected = Crc32C.Seed;
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(expected, Crc32C.Append(Crc32C.Seed, bytes.AsSpan(0, length)));
            expected = Crc32C.AppendByTable(expected, bytes.AsSpan(length, 1));
        }
        for (int start = 0; start < 16; start++)
        {
            foreach (int length in (int[])[0, 1, 7, 8, 503, 504, 511, 512, 4079, 4080, 4096, 8959])
            {
                ReadOnlySpan<byte> part = bytes.AsSpan(start, length);
                Assert.Equal(Crc32C.AppendByTable(0x12345678, part), Crc32C.Append(0x12345678, part));
            }
        }
    }

    [Fact]
    public void An_R2T_with_header_digest_has_exactly_the_known_bytes()
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 1);
        harness.Queue.HoldsExecution = true;
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0), digests: 1));
        Assert.Equal(0, harness.Connection.Find(1)!.Index);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 5, 8192), digests: 1));
        Assert.Equal("090118001C000000" + "0500010000000000" + "0020000000000000" + "EA3B93F6", Tail(harness, 28));
    }

    [Fact]
    public void A_response_with_header_digest_has_exactly_the_known_bytes()
    {
        ControllerHarness harness = new ControllerHarness().Connect(digests: 1, queueSize: 1);
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0), digests: 1));
        harness.Send(Pdus.Capsule(Entries.Transfer(Entries.Flush, 0x10, 0), digests: 1));
        Assert.Equal("050118001C000000" + "0000000000000000" + "0100000010000000" + "81DE5B29", Tail(harness, 28));
    }

    private static string Tail(ControllerHarness harness, int last) => Convert.ToHexString([.. harness.Output.TakeLast(last)]);
}
