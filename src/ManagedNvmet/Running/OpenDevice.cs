using ManagedNvmet.Backends.Kinds;

namespace ManagedNvmet.Running;

/// <summary>A device that is open for a namespace.</summary>
/// <param name="Device">The device.</param>
/// <param name="Identity">The names that hosts know it by.</param>
/// <param name="Key">Equal for two devices that cannot be open at once: the disk, or for memory the namespace itself.</param>
/// <param name="Claim">What gives the kept identity back; null when all of it was configured.</param>
/// <param name="Disk">What gives the right to the disk back; null for what may be open twice.</param>
/// <param name="IsOwn">The program brought it along.</param>
/// <param name="HasMadeUuid">Its UUID was made, and not configured.</param>
/// <param name="Kind">The kind of the namespace; null for a device that the program brought along.</param>
internal sealed record OpenDevice(
    BlockDevice Device,
    NamespaceIdentity Identity,
    string Key,
    string? Claim,
    string? Disk,
    bool IsOwn,
    bool HasMadeUuid,
    BackendKind? Kind);
