namespace ManagedNvmet.Target.Namespaces;

/// <summary>What is different between two views of one controller.</summary>
internal sealed class ViewChange
{
    private readonly List<(uint NamespaceId, NamespaceChange Change)> _changed = [];

    private ViewChange()
    {
    }

    /// <summary>The namespaces that differ, in ascending order of NSID.</summary>
    public IReadOnlyList<(uint NamespaceId, NamespaceChange Change)> Changed => _changed;

    /// <summary>The state of an ANA group is another, or one came or went.</summary>
    public bool HasAnaChanged { get; private set; }

    /// <summary>Compares two views.</summary>
    public static ViewChange Between(NamespaceView before, NamespaceView after)
    {
        var change = new ViewChange { HasAnaChanged = !before.Groups.SequenceEqual(after.Groups) };
        ReadOnlySpan<AttachedNamespace> old = before.All;
        ReadOnlySpan<AttachedNamespace> fresh = after.All;
        int o = 0;
        int f = 0;
        while (o < old.Length || f < fresh.Length)
        {
            uint oldId = o < old.Length ? old[o].Namespace.Id : uint.MaxValue;
            uint freshId = f < fresh.Length ? fresh[f].Namespace.Id : uint.MaxValue;
            if (oldId == freshId)
                change.Compare(old[o++], fresh[f++]);
            else if (oldId < freshId)
                change._changed.Add((old[o++].Namespace.Id, NamespaceChange.Removed));
            else
                change._changed.Add((fresh[f++].Namespace.Id, NamespaceChange.Added));
        }
        return change;
    }

    private void Compare(AttachedNamespace before, AttachedNamespace after)
    {
        Namespace old = before.Namespace;
        Namespace fresh = after.Namespace;
        if (old.Device != fresh.Device || old.Identity != fresh.Identity)
            _changed.Add((fresh.Id, NamespaceChange.Replaced));
        else if (old != fresh || before.IsWriteProtected != after.IsWriteProtected)
            _changed.Add((fresh.Id, NamespaceChange.Changed));
    }
}
