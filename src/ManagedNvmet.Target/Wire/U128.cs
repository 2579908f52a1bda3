using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace ManagedNvmet.Target.Wire;

/// <summary>A 128-bit counter as it stands on the wire: little-endian, at any alignment.</summary>
[InlineArray(16)]
internal struct U128
{
    private byte _first;

    public static implicit operator UInt128(U128 field) => BinaryPrimitives.ReadUInt128LittleEndian(field);

    public static implicit operator U128(UInt128 value)
    {
        U128 field = default;
        BinaryPrimitives.WriteUInt128LittleEndian(field, value);
        return field;
    }

    public static implicit operator U128(ulong value) => (UInt128)value;
}
