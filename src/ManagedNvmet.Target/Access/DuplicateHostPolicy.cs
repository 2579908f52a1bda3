namespace ManagedNvmet.Target.Access;

/// <summary>Decides about a host whose host NQN a connected host also has, with another host identifier, or from another remote address to
/// the same local address.</summary>
/// <remarks>Machines that were made from one image often share a host NQN and then overwrite each other's data. A host with several paths
/// connects to several local addresses, so the target does not take it for two hosts.</remarks>
public enum DuplicateHostPolicy
{
    /// <summary>The target accepts the host and does not report it.</summary>
    Allow,

    /// <summary>The target accepts the host and reports it in the log and in <see cref="NvmeTarget.DuplicateHosts"/>.</summary>
    Warn,

    /// <summary>The target refuses the host as long as the other host is connected. The host may retry.</summary>
    Fence,
}
