using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Protocol.Wire;

/// <summary>A 16-bit field as it stands on the wire: little-endian, at any alignment.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 2)]
public readonly struct U16
{
    private readonly ushort raw;

    private U16(ushort raw) => this.raw = raw;

    /// <summary>The value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator ushort(U16 field) => BitConverter.IsLittleEndian ? field.raw : BinaryPrimitives.ReverseEndianness(field.raw);

    /// <summary>The field for a value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator U16(ushort value) => new(BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));

    /// <inheritdoc/>
    public override string ToString() => ((ushort)this).ToString();
}

/// <summary>A 32-bit field as it stands on the wire: little-endian, at any alignment.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 4)]
public readonly struct U32
{
    private readonly uint raw;

    private U32(uint raw) => this.raw = raw;

    /// <summary>The value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator uint(U32 field) => BitConverter.IsLittleEndian ? field.raw : BinaryPrimitives.ReverseEndianness(field.raw);

    /// <summary>The field for a value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator U32(uint value) => new(BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));

    /// <inheritdoc/>
    public override string ToString() => ((uint)this).ToString();
}

/// <summary>A 64-bit field as it stands on the wire: little-endian, at any alignment.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 8)]
public readonly struct U64
{
    private readonly ulong raw;

    private U64(ulong raw) => this.raw = raw;

    /// <summary>The value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator ulong(U64 field) => BitConverter.IsLittleEndian ? field.raw : BinaryPrimitives.ReverseEndianness(field.raw);

    /// <summary>The field for a value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator U64(ulong value) => new(BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));

    /// <inheritdoc/>
    public override string ToString() => ((ulong)this).ToString();
}
