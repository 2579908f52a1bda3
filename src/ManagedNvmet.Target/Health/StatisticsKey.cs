namespace ManagedNvmet.Target.Health;

/// <summary>What is counted apart.</summary>
internal readonly record struct StatisticsKey(Nqn? Host, Nqn Subsystem, uint NamespaceId, BlockOperation Operation);
