using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Native;

/// <summary>struct msghdr of 64-bit Linux, without an address and without control data.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageHeader
{
    public nint Name;
    public uint NameLength;
    public nint Vectors;
    public nuint VectorCount;
    public nint Control;
    public nuint ControlLength;
    public int Flags;
}
