using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Target.Namespaces;

/// <summary>The namespaces that a controller has, in ascending order of NSID: an immutable snapshot, replaced as a whole, and shared by
/// the controllers that see the same.</summary>
internal sealed class NamespaceView
{
    public static readonly NamespaceView Empty = new([], [], 0);

    private readonly AttachedNamespace[] _ascending;
    private readonly AttachedNamespace?[] _byId;
    private readonly Namespace[] _namespaces;
    private readonly AnaGroup[] _groups;

    /// <param name="ascending">In ascending order of NSID.</param>
    /// <param name="groups">Every ANA group, in ascending order of ANAGRPID.</param>
    /// <param name="changeCount">Change count of the ANA log page.</param>
    public NamespaceView(AttachedNamespace[] ascending, AnaGroup[] groups, ulong changeCount)
    {
        _ascending = ascending;
        _groups = groups;
        ChangeCount = changeCount;
        _namespaces = Array.ConvertAll(ascending, static each => each.Namespace);
        _byId = ascending.Length == 0 ? [] : new AttachedNamespace?[ascending[^1].Namespace.Id];
        foreach (AttachedNamespace each in ascending)
            _byId[each.Namespace.Id - 1] = each;
    }

    /// <summary>The namespaces in ascending order of NSID.</summary>
    public ReadOnlySpan<AttachedNamespace> All => _ascending;

    /// <summary>The namespaces alone, in ascending order of NSID.</summary>
    public ReadOnlySpan<Namespace> Namespaces => _namespaces;

    /// <summary>Every ANA group, in ascending order of ANAGRPID.</summary>
    public ReadOnlySpan<AnaGroup> Groups => _groups;

    /// <summary>Grows with every change of what the ANA log page says.</summary>
    public ulong ChangeCount { get; }

    /// <summary>Returns the namespace with this NSID, or null; always null for 0 and FFFFFFFFh.</summary>
    public AttachedNamespace? Find(uint namespaceId) => namespaceId - 1 < (uint)_byId.Length ? _byId[namespaceId - 1] : null;
}
