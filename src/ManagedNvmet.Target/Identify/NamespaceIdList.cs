using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Identify;

/// <summary>A list of up to 1024 NSIDs in ascending order. A shorter list ends with 0.</summary>
internal static class NamespaceIdList
{
    private const uint HighestStart = 0xFFFF_FFFD;

    /// <summary>Lists the namespaces whose NSID is greater than <paramref name="after"/>.</summary>
    /// <param name="page">4096 bytes.</param>
    /// <param name="after">NSID of the command: 0 for all. FFFFFFFEh and FFFFFFFFh are refused, because no NSID can follow them.</param>
    /// <param name="namespaces">In ascending order.</param>
    public static NvmeStatus Fill(Span<byte> page, uint after, ReadOnlySpan<Namespace> namespaces)
    {
        page.Clear();
        if (after > HighestStart)
            return NvmeStatus.InvalidNamespace;
        Span<U32> entries = MemoryMarshal.Cast<byte, U32>(page);
        int count = 0;
        foreach (Namespace each in namespaces)
        {
            if (each.Id <= after)
                continue;
            if (count == entries.Length)
                break;
            entries[count++] = each.Id;
        }
        return NvmeStatus.Success;
    }
}
