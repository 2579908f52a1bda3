namespace ManagedNvmet.Target.Namespaces;

/// <summary>An immutable list of the active namespaces of a subsystem.</summary>
internal sealed class NamespaceList
{
    public static readonly NamespaceList Empty = new([]);

    private static readonly Comparer<Namespace> ById = Comparer<Namespace>.Create(static (left, right) => left.Id.CompareTo(right.Id));

    private readonly Namespace[] _ascending;
    private readonly Namespace?[] _byId;

    private NamespaceList(Namespace[] ascending)
    {
        _ascending = ascending;
        _byId = ascending.Length == 0 ? [] : new Namespace?[ascending[^1].Id];
        foreach (Namespace each in ascending)
            _byId[each.Id - 1] = each;
    }

    /// <summary>The namespaces in ascending order of NSID.</summary>
    public ReadOnlySpan<Namespace> All => _ascending;

    /// <summary>Returns the namespace with this NSID, or null; always null for 0 and FFFFFFFFh.</summary>
    public Namespace? Find(uint namespaceId) => namespaceId - 1 < (uint)_byId.Length ? _byId[namespaceId - 1] : null;

    /// <summary>Returns the list with these namespaces, which replace those with the same NSIDs.</summary>
    public NamespaceList With(params ReadOnlySpan<Namespace> added)
    {
        var merged = new List<Namespace>(_ascending.Length + added.Length);
        merged.AddRange(_ascending);
        foreach (Namespace each in added)
        {
            int index = merged.BinarySearch(each, ById);
            if (index < 0)
                merged.Insert(~index, each);
            else
                merged[index] = each;
        }
        return new NamespaceList([.. merged]);
    }

    /// <summary>Returns the list without this NSID.</summary>
    public NamespaceList Without(uint namespaceId) => new(Array.FindAll(_ascending, each => each.Id != namespaceId));
}
