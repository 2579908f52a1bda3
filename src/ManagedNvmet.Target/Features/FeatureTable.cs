using ManagedNvmet.Target.Rows;

namespace ManagedNvmet.Target.Features;

/// <summary>Every feature that the target has: the one list. A new feature is one file and one line here.</summary>
public static class FeatureTable
{
    /// <summary>Features by FID.</summary>
    public static RowTable<Feature> All { get; } = new(
        static feature => feature.FeatureId,
        new Arbitration(),
        new PowerManagement(),
        new TemperatureThreshold(),
        new ErrorRecovery(),
        new VolatileWriteCache(),
        new NumberOfQueues(),
        new WriteAtomicityNormal(),
        new AsyncEventConfiguration(),
        new Timestamp(),
        new KeepAliveTimer(),
        new HostBehaviorSupport(),
        new HostIdentifier());
}
