using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.LogPages;

/// <summary>The namespaces of one controller that came, went or changed since the host last read the list.</summary>
/// <remarks>From any thread.</remarks>
public sealed class ChangedNamespaceList
{
    /// <summary>Most namespaces that the log page names one by one.</summary>
    public const int MaxEntries = 1024;

    internal const int PageBytes = MaxEntries * 4;
    private const uint TooMany = 0xFFFF_FFFF;

    private readonly Lock gate = new();
    private readonly List<uint> ascending = [];
    private bool isOverflown;

    /// <summary>Notes that this namespace was attached, detached, resized or otherwise changed.</summary>
    public void Add(uint namespaceId)
    {
        lock (gate)
        {
            if (isOverflown)
                return;
            int index = ascending.BinarySearch(namespaceId);
            if (index >= 0)
                return;
            if (ascending.Count == MaxEntries)
            {
                isOverflown = true;
                ascending.Clear();
                return;
            }
            ascending.Insert(~index, namespaceId);
        }
    }

    /// <summary>Forgets everything: Controller Level Reset.</summary>
    public void Clear()
    {
        lock (gate)
            ClearLocked();
    }

    /// <summary>Writes the log page: the namespaces in ascending order, or FFFFFFFFh alone when there are too many.</summary>
    /// <param name="page">4096 bytes.</param>
    /// <param name="clear">Start afresh: the host reads with RAE = 0.</param>
    public void Read(Span<byte> page, bool clear)
    {
        page.Clear();
        Span<U32> entries = MemoryMarshal.Cast<byte, U32>(page);
        lock (gate)
        {
            if (isOverflown)
                entries[0] = TooMany;
            for (int i = 0; i < ascending.Count; i++)
                entries[i] = ascending[i];
            if (clear)
                ClearLocked();
        }
    }

    private void ClearLocked()
    {
        ascending.Clear();
        isOverflown = false;
    }
}
