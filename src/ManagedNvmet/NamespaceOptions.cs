namespace ManagedNvmet;

/// <summary>One disk to serve.</summary>
public sealed record NamespaceOptions
{
    /// <summary>A disk given by its name: <c>PATH</c>, <c>mem:SIZE</c> or <c>null:SIZE</c>, with options behind a comma, as on the command line.
    /// Either this or <see cref="Device"/>.</summary>
    public string? Specification { get; init; }

    /// <summary>Size of the file that is made when <see cref="Specification"/> names one that does not exist, such as <c>10G</c>;
    /// null to make none.</summary>
    public string? CreateSize { get; init; }

    /// <summary>A device of your own. Disposed when the server stops.</summary>
    public BlockDevice? Device { get; init; }

    /// <summary>What the device of your own is called in the state folder, so that it keeps its identity from start to start.</summary>
    public string? Name { get; init; }

    /// <summary>NSID; by default the next free one, from 1.</summary>
    public uint? Id { get; init; }

    /// <summary>Identifiers that you keep yourself; by default they are made once and kept in the state folder.</summary>
    public NamespaceIdentity? Identity { get; init; }
}
