using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Target.Namespaces;

/// <summary>The namespaces that a controller has, in ascending order of NSID: an immutable snapshot, replaced as a whole, and shared by
/// the controllers that see the same.</summary>
internal sealed class NamespaceView
{
    public static readonly NamespaceView Empty = new([], [], 0);

    private readonly AttachedNamespace[] ascending;
    private readonly AttachedNamespace?[] byId;
    private readonly Namespace[] namespaces;
    private readonly AnaGroup[] groups;

    /// <param name="ascending">In ascending order of NSID.</param>
    /// <param name="groups">Every ANA group, in ascending order of ANAGRPID.</param>
    /// <param name="changeCount">Change count of the ANA log page.</param>
    public NamespaceView(AttachedNamespace[] ascending, AnaGroup[] groups, ulong changeCount)
    {
        this.ascending = ascending;
        this.groups = groups;
        ChangeCount = changeCount;
        namespaces = Array.ConvertAll(ascending, static each => each.Namespace);
        byId = ascending.Length == 0 ? [] : new AttachedNamespace?[ascending[^1].Namespace.Id];
        foreach (AttachedNamespace each in ascending)
            byId[each.Namespace.Id - 1] = each;
    }

    /// <summary>In ascending order of NSID.</summary>
    public ReadOnlySpan<AttachedNamespace> All => ascending;

    /// <summary>The namespaces alone, in ascending order of NSID.</summary>
    public ReadOnlySpan<Namespace> Namespaces => namespaces;

    /// <summary>Every ANA group, in ascending order of ANAGRPID.</summary>
    public ReadOnlySpan<AnaGroup> Groups => groups;

    /// <summary>Grows with every change of what the ANA log page says.</summary>
    public ulong ChangeCount { get; }

    /// <summary>The namespace of this NSID, or null; 0 and FFFFFFFFh name none.</summary>
    public AttachedNamespace? Find(uint namespaceId) => namespaceId - 1 < (uint)byId.Length ? byId[namespaceId - 1] : null;
}
