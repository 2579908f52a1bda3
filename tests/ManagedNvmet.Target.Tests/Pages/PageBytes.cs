using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

/// <summary>Memory for a page, which contains old data before the page is written, so that bytes left unwritten are detected.</summary>
internal sealed class PageBytes
{
    private readonly byte[] _bytes;

    public PageBytes(int length = 4096)
    {
        _bytes = new byte[length];
        _bytes.AsSpan().Fill(0xA5);
    }

    public Span<byte> Span => _bytes;

    public byte U8(int offset) => _bytes[offset];

    public ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(offset));

    public uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset));

    public ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(offset));

    public UInt128 U128(int offset) => BinaryPrimitives.ReadUInt128LittleEndian(_bytes.AsSpan(offset));

    public string Text(int offset, int length) => Encoding.ASCII.GetString(_bytes, offset, length);

    public string Hex(int offset, int length) => Convert.ToHexString(_bytes, offset, length);

    /// <summary>Asserts that all bytes outside these ranges are zero.</summary>
    public void IsZeroBut(params ReadOnlySpan<(int Offset, int Length)> ranges)
    {
        byte[] rest = [.. _bytes];
        foreach ((int offset, int length) in ranges)
            rest.AsSpan(offset, length).Clear();
        Assert.Equal(-1, rest.AsSpan().IndexOfAnyExcept((byte)0));
    }
}
