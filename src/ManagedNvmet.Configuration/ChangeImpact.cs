namespace ManagedNvmet.Configuration;

/// <summary>Effect of a change on connected hosts, from the mildest to the most severe.</summary>
public enum ChangeImpact
{
    /// <summary>Hosts notice nothing.</summary>
    None,

    /// <summary>Hosts receive an asynchronous event; I/O continues.</summary>
    Event,

    /// <summary>I/O on one namespace ends or fails; I/O on other namespaces continues.</summary>
    Namespace,

    /// <summary>Associations are ended; hosts may reconnect where they are still allowed.</summary>
    Sessions,
}
