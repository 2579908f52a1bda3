using CsCheck;

namespace ManagedNvmet.Io.Tests;

public class BufferArenaTests
{
    private const int Mebibyte = 1024 * 1024;

    private static unsafe nint Address(Memory<byte> memory)
    {
        // The address is only compared, never dereferenced. The arena is pinned.
        fixed (byte* first = memory.Span)
            return (nint)first;
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    [InlineData(65536, 65536)]
    [InlineData(65537, 131072)]
    [InlineData(Mebibyte, Mebibyte)]
    public void A_rented_buffer_has_its_exact_length_and_alignment(int length, long blockBytes)
    {
        var arena = new BufferArena(4 * Mebibyte, Mebibyte);
        Assert.True(arena.TryRent(length, out Memory<byte> buffer));
        Assert.Equal(length, buffer.Length);
        Assert.Equal(0, Address(buffer) % BufferArena.BlockAlignment);
        Assert.Equal(1, arena.RentedCount);
        Assert.Equal(blockBytes, arena.RentedBytes);
        arena.Return(buffer);
        Assert.Equal(0, arena.RentedCount);
        Assert.Equal(0, arena.RentedBytes);
    }

    [Fact]
    public void Buffers_lie_in_huge_pages_where_the_kernel_has_them_to_give()
    {
        Machine.NeedsHugePages();
        var arena = new BufferArena(32 * Mebibyte, Mebibyte);
        Memory<byte> first = default;
        for (int rent = 0; rent < 32; rent++)
        {
            Assert.True(arena.TryRent(Mebibyte, out Memory<byte> buffer));
            buffer.Span[0] = 1;
            first = rent == 0 ? buffer : first;
        }
        Assert.InRange(Machine.HugeBytesAround(first), 16L * Mebibyte, long.MaxValue);
        GC.KeepAlive(arena);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Mebibyte + 1)]
    public void A_length_beyond_the_largest_block_or_below_one_is_refused(int length)
    {
        var arena = new BufferArena(4 * Mebibyte, Mebibyte);
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.TryRent(length, out _));
    }

    [Fact]
    public void The_lowest_address_that_fits_is_taken()
    {
        var arena = new BufferArena(4 * Mebibyte, Mebibyte);
        arena.TryRent(4096, out Memory<byte> first);
        arena.TryRent(4096, out Memory<byte> second);
        arena.TryRent(Mebibyte, out _);
        arena.Return(first);
        arena.TryRent(100, out Memory<byte> again);
        Assert.Equal(Address(first), Address(again));
        Assert.Equal(Address(first) + 4096, Address(second));
    }

    [Fact]
    public void A_full_arena_says_so_and_recovers()
    {
        var arena = new BufferArena(Mebibyte, 65536);
        var rented = new List<Memory<byte>>();
        while (arena.TryRent(65536, out Memory<byte> buffer))
            rented.Add(buffer);
        Assert.Equal(16, rented.Count);
        Assert.False(arena.TryRent(1, out _));
        arena.Return(rented[7]);
        Assert.True(arena.TryRent(1, out _));
    }

    [Fact]
    public void A_size_that_is_no_power_of_two_is_used_to_its_end()
    {
        var arena = new BufferArena(3 * Mebibyte, Mebibyte);
        for (int i = 0; i < 3; i++)
            Assert.True(arena.TryRent(Mebibyte, out _));
        Assert.False(arena.TryRent(1, out _));
    }

    [Fact]
    public void A_buffer_is_returned_once()
    {
        var arena = new BufferArena(Mebibyte, Mebibyte);
        arena.TryRent(10000, out Memory<byte> buffer);
        arena.Return(buffer);
        Assert.Throws<ArgumentException>(() => arena.Return(buffer));
    }

    [Fact]
    public void Foreign_memory_and_pieces_are_refused()
    {
        var arena = new BufferArena(Mebibyte, Mebibyte);
        arena.TryRent(16384, out Memory<byte> buffer);
        Assert.Throws<ArgumentException>(() => arena.Return(new byte[4096]));
        Assert.Throws<ArgumentException>(() => arena.Return(Memory<byte>.Empty));
        Assert.Throws<ArgumentException>(() => arena.Return(buffer[..4096]));
        Assert.Throws<ArgumentException>(() => arena.Return(buffer[4096..]));
        Assert.Throws<ArgumentException>(() => arena.Return(buffer[1..]));
        arena.Return(buffer);
    }

    [Fact]
    public void Any_sequence_of_rents_and_returns_keeps_buffers_apart_and_loses_nothing()
    {
        Gen.Int[1, 65536].Array[1, 200].Sample(lengths =>
        {
            var arena = new BufferArena(Mebibyte, 65536);
            var rented = new List<Memory<byte>>();
            foreach (int length in lengths)
            {
                if (length % 3 == 0 && rented.Count > 0)
                {
                    int index = length % rented.Count;
                    arena.Return(rented[index]);
                    rented.RemoveAt(index);
                }
                else if (arena.TryRent(length, out Memory<byte> buffer))
                    rented.Add(buffer);
            }
            rented.Sort((a, b) => Address(a).CompareTo(Address(b)));
            for (int i = 1; i < rented.Count; i++)
            {
                if (Address(rented[i - 1]) + rented[i - 1].Length > Address(rented[i]))
                    return false;
            }
            rented.ForEach(arena.Return);

            // All blocks are merged again, so that all blocks of the largest size can be rented.
            int largest = 0;
            while (arena.TryRent(65536, out _))
                largest++;
            return largest == 16;
        });
    }

    [Fact]
    public void Memory_that_was_never_used_is_not_committed()
    {
        long before = ResidentBytes();
        var arena = new BufferArena(512 * Mebibyte, Mebibyte);
        for (int i = 0; i < 1000; i++)
        {
            arena.TryRent(65536, out Memory<byte> buffer);
            buffer.Span.Fill(1);
            arena.Return(buffer);
        }
        Assert.InRange(ResidentBytes() - before, long.MinValue, 64 * Mebibyte);
        GC.KeepAlive(arena);
    }

    private static long ResidentBytes() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * Environment.SystemPageSize;
}
