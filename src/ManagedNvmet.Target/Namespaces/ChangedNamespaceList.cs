using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Namespaces;

/// <summary>The namespaces of one controller that came, went or changed since the host last read the list.</summary>
/// <remarks>From any thread.</remarks>
public sealed class ChangedNamespaceList
{
    /// <summary>Most namespaces that the log page names one by one.</summary>
    public const int MaxEntries = 1024;

    internal const int PageBytes = MaxEntries * 4;
    private const uint TooMany = 0xFFFF_FFFF;

    private readonly Lock _gate = new();
    private readonly List<uint> _ascending = [];
    private bool _isOverflown;

    /// <summary>Notes that this namespace was attached, detached, resized or otherwise changed.</summary>
    public void Add(uint namespaceId)
    {
        lock (_gate)
        {
            if (_isOverflown)
                return;
            int index = _ascending.BinarySearch(namespaceId);
            if (index >= 0)
                return;
            if (_ascending.Count == MaxEntries)
            {
                _isOverflown = true;
                _ascending.Clear();
                return;
            }
            _ascending.Insert(~index, namespaceId);
        }
    }

    /// <summary>Forgets everything: Controller Level Reset.</summary>
    public void Clear()
    {
        lock (_gate)
            ClearLocked();
    }

    /// <summary>Writes the log page: the namespaces in ascending order, or FFFFFFFFh alone when there are too many.</summary>
    /// <param name="page">4096 bytes.</param>
    /// <param name="clear">Start afresh: the host reads with RAE = 0.</param>
    public void Read(Span<byte> page, bool clear)
    {
        page.Clear();
        Span<U32> entries = MemoryMarshal.Cast<byte, U32>(page);
        lock (_gate)
        {
            if (_isOverflown)
                entries[0] = TooMany;
            for (int i = 0; i < _ascending.Count; i++)
                entries[i] = _ascending[i];
            if (clear)
                ClearLocked();
        }
    }

    private void ClearLocked()
    {
        _ascending.Clear();
        _isOverflown = false;
    }
}
