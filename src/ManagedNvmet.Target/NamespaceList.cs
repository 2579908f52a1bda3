namespace ManagedNvmet.Target;

/// <summary>The active namespaces of a subsystem: an immutable snapshot that is replaced as a whole.</summary>
internal sealed class NamespaceList
{
    public static readonly NamespaceList Empty = new([]);

    private readonly Namespace[] ascending;
    private readonly Namespace?[] byId;

    private NamespaceList(Namespace[] ascending)
    {
        this.ascending = ascending;
        byId = ascending.Length == 0 ? [] : new Namespace?[ascending[^1].Id];
        foreach (Namespace each in ascending)
            byId[each.Id - 1] = each;
    }

    /// <summary>In ascending order of NSID.</summary>
    public ReadOnlySpan<Namespace> All => ascending;

    /// <summary>The namespace of this NSID, or null; 0 and FFFFFFFFh name none.</summary>
    public Namespace? Find(uint namespaceId) => namespaceId - 1 < (uint)byId.Length ? byId[namespaceId - 1] : null;

    /// <summary>The list with one namespace more, or in place of the one with the same NSID.</summary>
    public NamespaceList With(Namespace added)
    {
        Namespace[] others = Without(added.Id).ascending;
        int index = 0;
        while (index < others.Length && others[index].Id < added.Id)
            index++;
        return new NamespaceList([.. others.AsSpan(0, index), added, .. others.AsSpan(index)]);
    }

    /// <summary>The list without this NSID.</summary>
    public NamespaceList Without(uint namespaceId) => new(Array.FindAll(ascending, each => each.Id != namespaceId));
}
