using System.Buffers.Binary;
using System.Text;

namespace ManagedNvmet.Management.Tests.Tracing;

/// <summary>A strict parser of pcapng files. It checks both lengths of each block, each option and each padding.</summary>
internal sealed class PcapngFile
{
    public PcapngFile(ReadOnlySpan<byte> bytes)
    {
        Assert.Equal(0x0A0D0D0Au, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        while (!bytes.IsEmpty)
        {
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
            Assert.True(length >= 12 && length % 4 == 0 && length <= bytes.Length, $"A block of {length} bytes, {bytes.Length} are left.");
            Assert.Equal(length, BinaryPrimitives.ReadInt32LittleEndian(bytes[(length - 4)..]));
            Blocks.Add(new Block(type, bytes[8..(length - 4)].ToArray()));
            bytes = bytes[length..];
        }
    }

    public List<Block> Blocks { get; } = [];

    public List<Block> Packets => Blocks.FindAll(block => block.Type == 6);

    public List<Block> Statistics => Blocks.FindAll(block => block.Type == 5);

    /// <summary>A block; the body excludes type and lengths.</summary>
    public sealed record Block(uint Type, byte[] Body)
    {
        public int Captured => BinaryPrimitives.ReadInt32LittleEndian(Body.AsSpan(12));

        public int Original => BinaryPrimitives.ReadInt32LittleEndian(Body.AsSpan(16));

        public ulong Time => ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(Body.AsSpan(4)) << 32)
            | BinaryPrimitives.ReadUInt32LittleEndian(Body.AsSpan(8));

        public ReadOnlySpan<byte> Packet => Body.AsSpan(20, Captured);

        public string Comment => Options.TryGetValue(1, out byte[]? text) ? Encoding.UTF8.GetString(text) : "";

        public ulong Count(int option) => BinaryPrimitives.ReadUInt64LittleEndian(Options[option]);

        /// <summary>The options by code. Throws when padding is not zero or the end option is missing.</summary>
        public Dictionary<int, byte[]> Options
        {
            get
            {
                int offset = Type switch { 1 => 8, 5 => 12, 6 => 20 + Padded(Captured), _ => 16 };
                if (Type == 6)
                    Assert.Equal(-1, Body.AsSpan(20 + Captured, Padded(Captured) - Captured).IndexOfAnyExcept((byte)0));
                Dictionary<int, byte[]> options = [];
                while (true)
                {
                    int code = BinaryPrimitives.ReadUInt16LittleEndian(Body.AsSpan(offset));
                    int length = BinaryPrimitives.ReadUInt16LittleEndian(Body.AsSpan(offset + 2));
                    if (code == 0)
                    {
                        Assert.Equal(0, length);
                        Assert.Equal(Body.Length, offset + 4);
                        return options;
                    }
                    options.Add(code, Body.AsSpan(offset + 4, length).ToArray());
                    Assert.Equal(-1, Body.AsSpan(offset + 4 + length, Padded(length) - length).IndexOfAnyExcept((byte)0));
                    offset += 4 + Padded(length);
                }
            }
        }

        private static int Padded(int length) => (length + 3) & ~3;
    }
}
