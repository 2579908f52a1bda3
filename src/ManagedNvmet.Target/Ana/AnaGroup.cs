namespace ManagedNvmet.Target.Ana;

/// <summary>An ANA group as the controllers of one port see it.</summary>
/// <param name="Id">ANAGRPID, from 1.</param>
/// <param name="State">Its state.</param>
internal readonly record struct AnaGroup(uint Id, AnaState State);
