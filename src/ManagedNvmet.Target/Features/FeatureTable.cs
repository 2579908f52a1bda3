using ManagedNvmet.Target.Rows;

namespace ManagedNvmet.Target.Features;

/// <summary>Lists the features of the target.</summary>
public static class FeatureTable
{
    /// <summary>The features by FID.</summary>
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
