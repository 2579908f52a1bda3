using CsCheck;

namespace ManagedNvmet.Protocol.Tests;

/// <summary>TCP may split the stream anywhere in both directions. The output must not depend on it.</summary>
public sealed class SplitPointTests
{
    private static readonly int[] FewSizes = [1, 2, 3, 4, 7, 8, 11, 23, 24, 25, 27, 28, 29, 31, 63, 64, 127, 128, 129, 251, 4096];

    public static MatrixTheoryData<int, byte> AllAlignments => new([0, 1, 2, 3], Enumerable.Range(0, 32).Select(value => (byte)value));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 31)]
    public void A_stream_cut_in_two_at_any_byte_gives_the_same_answer(int digests, byte hpda)
    {
        Conversation conversation = Conversation.EveryPduType(digests, hpda);
        byte[] expected = conversation.Run();
        foreach (bool direct in new[] { false, true })
        {
            for (int cutStep = 0; cutStep < conversation.Steps.Count; cutStep++)
            {
                for (int cut = 1; cut < conversation.Steps[cutStep].Length; cut++)
                {
                    byte[] actual = conversation.Run((harness, step) =>
                    {
                        byte[] bytes = conversation.Steps[step];
                        if (step == cutStep)
                        {
                            harness.Feed(bytes.AsSpan(0, cut));
                            bytes = bytes[cut..];
                        }
                        harness.Send(bytes);
                    }, harness => harness.UsesDirectReceive = direct);
                    Assert.True(expected.AsSpan().SequenceEqual(actual), $"step {cutStep} cut at {cut}, direct {direct}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllAlignments))]
    public void A_stream_byte_by_byte_gives_the_same_answer(int digests, byte hpda)
    {
        Conversation conversation = Conversation.EveryPduType(digests, hpda);
        byte[] expected = conversation.Run();
        byte[] actual = conversation.Run((harness, step) =>
        {
            foreach (byte next in conversation.Steps[step])
                harness.Feed([next]);
            harness.Settle();
        });
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void A_stream_in_random_pieces_gives_the_same_answer() =>
        Gen.Select(Gen.Int[0, 3], Gen.Byte[0, 31], Gen.Int[1, 200].Array[1, 30], Gen.Bool).Sample((digests, hpda, pieces, direct) =>
        {
            Conversation conversation = Conversation.EveryPduType(digests, hpda);
            int next = 0;
            byte[] actual = conversation.Run((harness, step) =>
            {
                for (ReadOnlySpan<byte> left = conversation.Steps[step]; !left.IsEmpty;)
                {
                    int length = Math.Min(left.Length, pieces[next++ % pieces.Length]);
                    harness.Feed(left[..length]);
                    left = left[length..];
                }
                harness.Settle();
            }, harness => harness.UsesDirectReceive = direct);
            return conversation.Run().AsSpan().SequenceEqual(actual);
        }, iter: 200);

    [Theory]
    [MemberData(nameof(AllAlignments))]
    public void Sends_that_take_any_number_of_bytes_at_a_time_give_the_same_stream(int digests, byte hpda)
    {
        Conversation conversation = Conversation.EveryPduType(digests, hpda);
        byte[] expected = conversation.Run();
        bool isThorough = digests == 3 && hpda % 10 == 7;
        foreach (int size in isThorough ? Enumerable.Range(1, 300) : FewSizes)
        {
            byte[] actual = conversation.Run((harness, step) => harness.Send(conversation.Steps[step]),
                harness => harness.SendLimit = _ => size);
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"{size} bytes a send");
        }
    }

    [Fact]
    public void Sends_that_take_a_random_number_of_bytes_give_the_same_stream() =>
        Gen.Select(Gen.Int[0, 3], Gen.Byte[0, 31], Gen.Int[0, 9000].Array[1, 30]).Sample((digests, hpda, sizes) =>
        {
            Conversation conversation = Conversation.EveryPduType(digests, hpda);
            int next = 0;
            int zeros = 0;
            byte[] actual = conversation.Run((harness, step) => harness.Send(conversation.Steps[step]), harness => harness.SendLimit = _ =>
            {
                // A blocked send is retried, so the limit must not stay 0 for ever.
                int size = sizes[next++ % sizes.Length];
                return size == 0 && ++zeros % 2 == 0 ? 1 : Math.Max(size, 1);
            });
            return conversation.Run().AsSpan().SequenceEqual(actual);
        }, iter: 200);

    [Fact]
    public void An_answer_may_be_cut_in_two_sends_at_any_byte()
    {
        Conversation conversation = Conversation.EveryPduType(3, 7);
        byte[] expected = conversation.Run();
        for (int cut = 1; cut < expected.Length; cut++)
        {
            long sent = 0;
            byte[] actual =
                conversation.Run((harness, step) => harness.Send(conversation.Steps[step]), harness => harness.SendLimit = total =>
            {
                long count = sent < cut && sent + total > cut ? cut - sent : total;
                sent += count;
                return count;
            });
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"cut at {cut}");
        }
    }
}
