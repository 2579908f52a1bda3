namespace ManagedNvmet.Configuration;

/// <summary>What a change does to hosts that are connected; the worst decides.</summary>
public enum ChangeImpact
{
    /// <summary>Nothing: no I/O is touched.</summary>
    None,

    /// <summary>Hosts are told by an event; I/O goes on.</summary>
    Event,

    /// <summary>I/O of one namespace ends or fails; other namespaces are not touched.</summary>
    Namespace,

    /// <summary>Associations are ended; hosts may reconnect where they are still allowed.</summary>
    Sessions,
}
