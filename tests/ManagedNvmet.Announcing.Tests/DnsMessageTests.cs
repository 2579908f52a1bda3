using System.Net;
using System.Text;
using CsCheck;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing.Tests;

public sealed class DnsMessageTests
{
    private static readonly DnsName Type = DnsName.Of("_nvme-disc", "_tcp", "local");
    private static readonly DnsName Instance = DnsName.Of("nas port 4420", "_nvme-disc", "_tcp", "local");
    private static readonly DnsName Host = DnsName.Of("nas-4420", "local");

    private static readonly DnsRecord[] Records =
    [
        DnsRecord.Pointer(Type, Instance),
        DnsRecord.Service(Instance, 4420, Host),
        DnsRecord.Text(Instance, ["p=tcp", "nqn=nqn.2014-08.org.nvmexpress.discovery"]),
        DnsRecord.Address(Host, IPAddress.Parse("192.0.2.7")),
        DnsRecord.Address(Host, IPAddress.Parse("2001:db8::7")),
        DnsRecord.Types(Host, DnsType.A, DnsType.Aaaa),
    ];

    [Fact]
    public void What_is_written_is_read_back()
    {
        Assert.True(DnsMessageReader.TryRead(Sample(), out DnsMessage? read));

        Assert.Equal(7, read.Id);
        Assert.True(read.IsResponse);
        Assert.True(read.IsStandard);
        DnsQuestion question = Assert.Single(read.Questions);
        Assert.Equal(Type, question.Name);
        Assert.True(question.WantsUnicast);
        Assert.Equal(Records.Length, read.Answers.Count);
        foreach ((DnsRecord wanted, DnsRecord found) in Records.Zip(read.Answers))
        {
            Assert.True(wanted.IsSame(found), $"{wanted} became {found}");
            Assert.Equal(wanted.IsUnique, found.IsUnique);
            Assert.Equal(wanted.TimeToLive, found.TimeToLive);
        }
    }

    [Fact]
    public void A_name_stands_in_full_once()
    {
        string text = Encoding.Latin1.GetString(Sample());

        Assert.Equal(1, text.Split("_nvme-disc").Length - 1);
        Assert.Equal(1, text.Split("nas port 4420").Length - 1);
    }

    [Fact]
    public void A_message_that_ends_too_early_is_refused_wherever_it_ends()
    {
        byte[] whole = Sample();
        for (int length = 0; length < whole.Length; length++)
            Assert.False(DnsMessageReader.TryRead(whole.AsSpan(0, length), out _), $"The first {length} bytes were taken for a message.");
    }

    [Fact]
    public void A_message_of_the_largest_size_is_read_and_one_byte_more_is_not()
    {
        byte[] largest = [.. Sample(), .. new byte[DnsMessageReader.MaxBytes - Sample().Length]];

        Assert.True(DnsMessageReader.TryRead(largest, out _));
        Assert.False(DnsMessageReader.TryRead([.. largest, 0], out _));
    }

    [Theory]
    [InlineData("C00C", "to itself")]
    [InlineData("C00E", "forward")]
    [InlineData("C000", "into the header")]
    [InlineData("0161C00C", "back to its own beginning")]
    [InlineData("4161", "a label of an unknown kind")]
    [InlineData("8161", "a label of another unknown kind")]
    [InlineData("C0", "half a pointer")]
    [InlineData("03616200", "a label longer than the message")]
    public void A_name_that_points_where_it_must_not_is_refused(string name, string what)
    {
        byte[] message = [.. new byte[12], .. Convert.FromHexString(name)];
        int position = 12;

        Assert.False(DnsName.TryRead(message, ref position, out _), what);
        Assert.Equal(12, position);
    }

    [Fact]
    public void A_chain_of_pointers_ends()
    {
        // The first pointer refers to a name, each further one to the pointer before it.
        List<byte> message = [.. new byte[12], 1, (byte)'a', 0];
        int target = 12;
        for (int count = 0; count < 2000; count++)
        {
            int at = message.Count;
            message.AddRange([(byte)(0xC0 | (target >> 8)), (byte)target]);
            target = at;
        }
        int position = target;

        Assert.True(DnsName.TryRead(message.ToArray(), ref position, out DnsName? name));
        Assert.Equal(DnsName.Of("a"), name);
        Assert.Equal(message.Count, position);
    }

    [Fact]
    public void A_name_of_255_bytes_is_read_and_one_of_256_is_not()
    {
        byte[] label = [63, .. Enumerable.Repeat((byte)'x', 63)];
        byte[] longest = [.. new byte[12], .. label, .. label, .. label, 61, .. Enumerable.Repeat((byte)'x', 61), 0];
        byte[] longer = [.. new byte[12], .. label, .. label, .. label, 62, .. Enumerable.Repeat((byte)'x', 62), 0];
        int position = 12;

        Assert.True(DnsName.TryRead(longest, ref position, out DnsName? name));
        Assert.Equal(255, name.Wire.Length);
        position = 12;
        Assert.False(DnsName.TryRead(longer, ref position, out _));
    }

    [Fact]
    public void A_count_that_the_message_has_no_room_for_is_refused()
    {
        byte[] message = [.. new byte[12], 0, 0, 1, 0, 1];
        message[5] = 1;
        Assert.True(DnsMessageReader.TryRead(message, out _));

        message[5] = 2;
        Assert.False(DnsMessageReader.TryRead(message, out _));
        message[4] = 0xFF;
        Assert.False(DnsMessageReader.TryRead(message, out _));
    }

    [Theory]
    [InlineData(1, "C0000207")]
    [InlineData(28, "20010DB8000000000000000000000007")]
    public void An_address_has_the_length_of_its_family(ushort type, string data)
    {
        byte[] right = Convert.FromHexString(data);

        Assert.True(DnsMessageReader.TryRead(WithData(type, right), out _));
        Assert.False(DnsMessageReader.TryRead(WithData(type, [.. right, 0]), out _));
        Assert.False(DnsMessageReader.TryRead(WithData(type, right[..^1]), out _));
    }

    [Fact]
    public void A_name_in_data_ends_where_the_data_ends()
    {
        Assert.True(DnsMessageReader.TryRead(WithData(12, [1, (byte)'a', 0]), out _));
        Assert.False(DnsMessageReader.TryRead(WithData(12, [1, (byte)'a', 0, 0]), out _));
        Assert.False(DnsMessageReader.TryRead([.. WithData(12, [1, (byte)'a']), 0], out _));
    }

    [Fact]
    public void Letters_are_equal_in_both_cases_and_other_bytes_are_not()
    {
        Assert.Equal(DnsName.Of("NAS", "Local"), DnsName.Of("nas", "local"));
        Assert.Equal(DnsName.Of("NAS").GetHashCode(), DnsName.Of("nas").GetHashCode());
        Assert.NotEqual(DnsName.Of("n@s"), DnsName.Of("n`s"));
        Assert.NotEqual(DnsName.Of("É"), DnsName.Of("é"));
    }

    [Fact]
    public void A_name_is_shown_without_what_a_terminal_would_obey()
    {
        Assert.Equal(@"a\.b\027[31m\\.local.", DnsName.Of("a.b\u001b[31m\\", "local").ToString());
    }

    [Fact]
    public void What_does_not_fit_leaves_the_message_whole()
    {
        var writer = new DnsMessageWriter(maxBytes: 90, id: 0, DnsMessage.ResponseFlags);
        Assert.True(writer.TryAdd(DnsSection.Answers, Records[0]));
        Assert.False(writer.TryAdd(DnsSection.Answers, Records[2]));
        Assert.True(writer.TryAdd(DnsSection.Answers, DnsRecord.Address(DnsName.Of("a"), IPAddress.Loopback)));

        Assert.True(DnsMessageReader.TryRead(writer.ToArray(), out DnsMessage? read));
        Assert.Equal(2, read.Answers.Count);
    }

    [Fact]
    public void Whatever_is_read_is_written_and_read_again_as_the_same() => Gen.Byte.Array[0, 80].Sample(bytes =>
    {
        byte[] sample = Sample();
        for (int index = 0; index + 2 < bytes.Length; index += 3)
            sample[((bytes[index] << 8) | bytes[index + 1]) % sample.Length] = bytes[index + 2];
        if (!DnsMessageReader.TryRead(sample, out DnsMessage? read))
            return;
        var writer = new DnsMessageWriter(65535, read.Id, read.Flags);
        Assert.All(read.Questions, question => Assert.True(writer.TryAdd(question)));
        Assert.All(read.Answers, record => Assert.True(writer.TryAdd(DnsSection.Answers, record)));
        Assert.All(read.Authorities, record => Assert.True(writer.TryAdd(DnsSection.Authorities, record)));
        Assert.All(read.Additionals, record => Assert.True(writer.TryAdd(DnsSection.Additionals, record)));
        Assert.True(DnsMessageReader.TryRead(writer.ToArray(), out DnsMessage? again));
        Assert.Equal(read.Answers.Count, again.Answers.Count);
        Assert.All(read.Answers.Zip(again.Answers), pair => Assert.True(pair.First.IsSame(pair.Second)));
    });

    private static byte[] Sample()
    {
        var writer = new DnsMessageWriter(1440, id: 7, DnsMessage.ResponseFlags);
        Assert.True(writer.TryAdd(new DnsQuestion(Type, DnsType.Pointer, DnsRecord.Internet, WantsUnicast: true)));
        Assert.All(Records, record => Assert.True(writer.TryAdd(DnsSection.Answers, record)));
        return writer.ToArray();
    }

    private static byte[] WithData(ushort type, byte[] data) =>
    [
        0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(type >> 8), (byte)type, 0, 1, 0, 0, 0, 120,
        (byte)(data.Length >> 8), (byte)data.Length, .. data,
    ];
}
