using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Configuration;

/// <summary>The state of one ANA group on one port.</summary>
public sealed record AnaGroupConfiguration
{
    /// <summary>ANAGRPID, 1 to 128.</summary>
    public required uint Id { get; init; }

    /// <summary>How its namespaces are reached through the port.</summary>
    public AnaState State { get; init; } = AnaState.Optimized;

    /// <summary>What the file says besides.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
