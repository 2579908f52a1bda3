using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Commands.Nvm;

/// <summary>When a command must reach the medium itself before it completes.</summary>
internal static class Durability
{
    private const uint ForceUnitAccessBit = 1u << 30;

    /// <summary>FUA of the command.</summary>
    public static bool IsForced(in SubmissionEntry entry) => (entry.Cdw12 & ForceUnitAccessBit) != 0;

    /// <summary>Decides about a write.</summary>
    /// <param name="entry">The command.</param>
    /// <param name="hasVolatileCache">The device may lose what it has completed. If not, there is nothing to force.</param>
    /// <param name="isWriteThrough">The controller's writes must all be durable.</param>
    public static bool IsForcedWrite(in SubmissionEntry entry, bool hasVolatileCache, bool isWriteThrough) =>
        hasVolatileCache && (isWriteThrough || IsForced(entry));
}
