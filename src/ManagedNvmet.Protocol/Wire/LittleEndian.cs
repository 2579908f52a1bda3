using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Protocol.Wire;

/// <summary>A 16-bit field as it stands on the wire: little-endian, at any alignment.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 2)]
public readonly struct U16
{
    private readonly ushort _raw;

    private U16(ushort raw) => _raw = raw;

    /// <summary>The value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator ushort(U16 field) =>
        BitConverter.IsLittleEndian ? field._raw : BinaryPrimitives.ReverseEndianness(field._raw);

    /// <summary>The field for a value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator U16(ushort value) =>
        new(BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));

    /// <inheritdoc/>
    public override string ToString() => ((ushort)this).ToString();
}

/// <summary>A 32-bit field as it stands on the wire: little-endian, at any alignment.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 4)]
public readonly struct U32
{
    private readonly uint _raw;

    private U32(uint raw) => _raw = raw;

    /// <summary>The value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator uint(U32 field) =>
        BitConverter.IsLittleEndian ? field._raw : BinaryPrimitives.ReverseEndianness(field._raw);

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
    private readonly ulong _raw;

    private U64(ulong raw) => _raw = raw;

    /// <summary>The value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator ulong(U64 field) =>
        BitConverter.IsLittleEndian ? field._raw : BinaryPrimitives.ReverseEndianness(field._raw);

    /// <summary>The field for a value in host order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator U64(ulong value) =>
        new(BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));

    /// <inheritdoc/>
    public override string ToString() => ((ulong)this).ToString();
}
