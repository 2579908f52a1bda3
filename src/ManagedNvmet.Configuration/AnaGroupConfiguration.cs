using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Configuration;

/// <summary>The state of one ANA group on one port.</summary>
public sealed record AnaGroupConfiguration
{
    /// <summary>ANAGRPID, 1 to 128.</summary>
    public required uint Id { get; init; }

    /// <summary>State of its namespaces for hosts that use the port.</summary>
    public AnaState State { get; init; } = AnaState.Optimized;

    /// <summary>Attributes of the file that this version does not know.</summary>
    public UnknownAttributes Unknown { get; init; } = UnknownAttributes.None;
}
