using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Discovery;

/// <summary>The header of the Discovery log page, 1024 bytes with its reserved bytes.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = 32)]
internal struct DiscoveryHeader
{
    /// <summary>GENCTR.</summary>
    [FieldOffset(0)] public U64 Generation;

    /// <summary>NUMREC.</summary>
    [FieldOffset(8)] public U64 RecordCount;

    /// <summary>RECFMT.</summary>
    [FieldOffset(16)] public U16 RecordFormat;

    /// <summary>DLPF: the requested options that the page follows.</summary>
    [FieldOffset(18)] public byte PageFlags;

    /// <summary>TDLPL: the size of the whole page with extended entries, in bytes.</summary>
    [FieldOffset(20)] public U32 TotalLength;
}
