using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Namespaces;

/// <summary>The namespaces of one controller that came, went or changed since the host last read the list.</summary>
/// <remarks>From any thread. A namespace that was replaced by another one of the same NSID is listed twice, in two reads: a host such as
/// Linux removes its disk when it finds other identifiers, and looks for a new one only at the next notice.</remarks>
public sealed class ChangedNamespaceList
{
    /// <summary>Most namespaces that the log page names one by one.</summary>
    public const int MaxEntries = 1024;

    internal const int PageBytes = MaxEntries * 4;
    private const uint TooMany = 0xFFFF_FFFF;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<uint, State> _changed = [];
    private bool _isOverflown;
    private bool _isReplacementLost;

    private enum State
    {
        Changed,

        /// <summary>The namespace was removed, and the host has not read that yet.</summary>
        Removed,

        /// <summary>Another namespace has taken the NSID, and the host has not read that the first one was removed.</summary>
        Replaced,
    }

    /// <summary>Notes a change of a namespace.</summary>
    internal void Add(uint namespaceId, NamespaceChange change = NamespaceChange.Changed)
    {
        lock (_gate)
        {
            _changed.TryGetValue(namespaceId, out State before);
            State after = change switch
            {
                NamespaceChange.Replaced => State.Replaced,
                _ when before is State.Replaced => State.Replaced,
                NamespaceChange.Removed => State.Removed,
                NamespaceChange.Added when before is State.Removed => State.Replaced,
                _ => State.Changed,
            };
            if (_isOverflown || (_changed.Count == MaxEntries && !_changed.ContainsKey(namespaceId)))
            {
                // The cleared list no longer says which namespaces were removed, so an added one may be a replacement.
                _isReplacementLost |= after is State.Replaced || change is NamespaceChange.Added
                    || _changed.ContainsValue(State.Replaced);
                _isOverflown = true;
                _changed.Clear();
                return;
            }
            _changed[namespaceId] = after;
        }
    }

    /// <summary>Clears the list, at a Controller Level Reset.</summary>
    public void Clear()
    {
        lock (_gate)
            ClearLocked();
    }

    /// <summary>Writes the log page: the namespaces in ascending order, or FFFFFFFFh alone when there are too many.</summary>
    /// <param name="page">4096 bytes.</param>
    /// <param name="clear">Starts afresh: the host reads with RAE = 0. Namespaces that were replaced stay on the list once more.</param>
    /// <returns>True when the list is not empty after a clear: the host needs another notice.</returns>
    public bool Read(Span<byte> page, bool clear)
    {
        page.Clear();
        Span<U32> entries = MemoryMarshal.Cast<byte, U32>(page);
        lock (_gate)
        {
            if (_isOverflown)
                entries[0] = TooMany;
            int count = 0;
            foreach (uint namespaceId in _changed.Keys)
                entries[count++] = namespaceId;
            return clear && ClearRead();
        }
    }

    private bool ClearRead()
    {
        uint[] replaced = [.. _changed.Where(static each => each.Value is State.Replaced).Select(static each => each.Key)];
        bool isEverythingReplaced = _isReplacementLost;
        ClearLocked();
        _isOverflown = isEverythingReplaced;
        foreach (uint namespaceId in replaced)
            _changed[namespaceId] = State.Changed;
        return isEverythingReplaced || replaced.Length > 0;
    }

    private void ClearLocked()
    {
        _changed.Clear();
        _isOverflown = false;
        _isReplacementLost = false;
    }
}
