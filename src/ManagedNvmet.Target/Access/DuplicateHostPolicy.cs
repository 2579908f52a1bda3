namespace ManagedNvmet.Target.Access;

/// <summary>What becomes of a host that looks like a copy of another one which is connected: the same host NQN with another host
/// identifier, or from another address through the same address of ours.</summary>
/// <remarks>Machines that were made from one image often share a host NQN, and then write over each other's data. A host with several
/// paths reaches several addresses of ours, so it is not taken for two.</remarks>
public enum DuplicateHostPolicy
{
    /// <summary>Nothing: the host is let in, and nobody is told.</summary>
    Allow,

    /// <summary>The host is let in. A log line and <see cref="NvmeTarget.DuplicateHosts"/> tell of it.</summary>
    Warn,

    /// <summary>The host is refused as long as the other one is connected, and may try again.</summary>
    Fence,
}
