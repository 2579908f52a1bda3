using ManagedNvmet.Tracing;

namespace ManagedNvmet.Management.Tests.Tracing;

public sealed class FrameRingTests
{
    private const int Size = 1024;

    [Fact]
    public void Frames_of_every_length_come_out_as_they_went_in_also_around_the_end()
    {
        var ring = new FrameRing(Size);
        for (int length = 0, round = 0; round < 1000; round++, length = (length + 37) % 400)
        {
            Assert.True(Put(ring, length, (byte)round), $"{length} bytes in round {round}");
            Assert.True(ring.TryPeek(out FrameHeader header, out ReadOnlySpan<byte> frame));
            Assert.Equal(length, frame.Length);
            Assert.Equal(-1, frame.IndexOfAnyExcept((byte)round));
            ring.Release(header);
            Assert.False(ring.TryPeek(out _, out _));
        }
        Assert.Equal((1000, 0), (ring.Kept, ring.Lost));
    }

    [Fact]
    public void A_full_ring_loses_and_counts_and_the_next_frame_says_how_many()
    {
        var ring = new FrameRing(Size);
        int room = Size / (FrameHeader.Size + 96);
        for (int count = 0; count < room; count++)
            Assert.True(Put(ring, 96, 1));
        Assert.False(Put(ring, 96, 2));
        Assert.False(Put(ring, 96, 2));
        Assert.True(ring.TryPeek(out FrameHeader first, out _));
        ring.Release(first);

        Assert.True(Put(ring, 96, 3));

        FrameHeader last = default;
        while (ring.TryPeek(out FrameHeader header, out _))
        {
            last = header;
            ring.Release(header);
        }
        Assert.Equal(0, first.LostBefore);
        Assert.Equal(2, last.LostBefore);
        Assert.Equal((room + 1, 2), (ring.Kept, ring.Lost));
    }

    [Fact]
    public void A_frame_that_is_larger_than_the_ring_is_lost()
    {
        var ring = new FrameRing(Size);

        Assert.False(Put(ring, Size, 1));
        Assert.True(Put(ring, Size - FrameHeader.Size, 1));
        Assert.Equal(1, ring.Lost);
    }

    [Fact]
    public async Task Two_threads_pass_frames_in_order()
    {
        const int count = 200_000;
        var ring = new FrameRing(Size);
        Task writing = Task.Run(() =>
        {
            for (int number = 0; number < count;)
            {
                if (!ring.TryBegin(number % 200, out Span<byte> frame))
                {
                    Thread.Yield();
                    continue;
                }
                frame.Fill((byte)number);
                ring.Commit(new FrameHeader { CapturedBytes = number % 200, OriginalBytes = number++ });
            }
        });
        for (int expected = 0; expected < count;)
        {
            if (!ring.TryPeek(out FrameHeader header, out ReadOnlySpan<byte> frame))
            {
                Thread.Yield();
                continue;
            }
            bool isRight = header.OriginalBytes == expected && frame.Length == expected % 200 && !frame.ContainsAnyExcept((byte)expected);
            Assert.True(isRight, $"Frame {expected} came as {header.OriginalBytes}.");
            ring.Release(header);
            expected++;
        }
        await writing;
    }

    private static bool Put(FrameRing ring, int length, byte content)
    {
        if (!ring.TryBegin(length, out Span<byte> frame))
            return false;
        frame.Fill(content);
        ring.Commit(new FrameHeader { CapturedBytes = length });
        return true;
    }
}
