using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Protocol.Wire;

/// <summary>The one way from bytes to a wire structure and back. Structures are packed, so any alignment is right.</summary>
public static class WireStruct
{
    /// <summary>Reads a structure from the start of <paramref name="bytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer bytes than the structure has.</exception>
    public static ref readonly T Read<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged => ref MemoryMarshal.AsRef<T>(bytes);

    /// <summary>Clears the bytes of a structure and gives them back to be filled: reserved fields never carry old memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer bytes than the structure has.</exception>
    public static ref T Begin<T>(Span<byte> bytes)
        where T : unmanaged
    {
        bytes[..Unsafe.SizeOf<T>()].Clear();
        return ref MemoryMarshal.AsRef<T>(bytes);
    }

    /// <summary>The bytes of a structure.</summary>
    public static Span<byte> Bytes<T>(ref T structure)
        where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref structure));
}
