using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Health;

namespace ManagedNvmet.Target.LogPages;

/// <summary>SMART / Health Information (LID 02h) of the subsystem or of one namespace (LPA bit 0).</summary>
public sealed class HealthPage : LogPage
{
    internal const byte Id = 0x02;

    private const ulong DataUnitBytes = 1000 * 512;
    private const ulong MillisecondsPerMinute = 60_000;

    /// <inheritdoc/>
    public override byte LogPageId => Id;

    /// <inheritdoc/>
    public override string Name => "SMART / Health Information";

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination)
    {
        ControllerEnvironment controller = context.Controller!;
        HealthCounters health = controller.SubsystemIdentity.Health;
        uint namespaceId = context.Entry.NamespaceId;
        bool isForAll = namespaceId is 0 or uint.MaxValue;
        if (!isForAll && controller.View.Find(namespaceId) is null)
            return NvmeStatus.InvalidNamespace;
        HealthTotals totals = isForAll ? health.ReadAll() : health.Read(namespaceId);
        Span<byte> bytes = stackalloc byte[HealthData.Size];
        Fill(bytes, totals, health.BusyMilliseconds, health.PowerOnHours, controller.Errors.LifetimeCount);
        return Copy(bytes, offset, destination);
    }

    internal static void Fill(Span<byte> bytes, HealthTotals totals, ulong busyMilliseconds, ulong powerOnHours, ulong errorCount)
    {
        ref HealthData data = ref WireStruct.Begin<HealthData>(bytes);

        // The target measures no wear and no temperature. It reports all spare as available, because monitors report 0 % as a disk that is
        // about to fail.
        data.AvailableSpare = 100;
        data.DataUnitsRead = DataUnits(totals.ReadBytes);
        data.DataUnitsWritten = DataUnits(totals.WrittenBytes);
        data.HostReadCommands = totals.ReadCommands;
        data.HostWriteCommands = totals.WriteCommands;
        data.BusyMinutes = busyMilliseconds / MillisecondsPerMinute;

        // The target does not store earlier starts, so it reports one.
        data.PowerCycles = 1;
        data.PowerOnHours = powerOnHours;
        data.MediaErrors = totals.MediaErrors;
        data.ErrorLogEntries = errorCount;
    }

    private static ulong DataUnits(ulong bytes) => bytes / DataUnitBytes + (bytes % DataUnitBytes == 0 ? 0ul : 1ul);
}
