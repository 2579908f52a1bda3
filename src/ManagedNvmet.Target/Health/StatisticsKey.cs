namespace ManagedNvmet.Target.Health;

/// <summary>Identifies a set of counters.</summary>
internal readonly record struct StatisticsKey(Nqn? Host, Nqn Subsystem, uint NamespaceId, BlockOperation Operation);
