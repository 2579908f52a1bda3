using ManagedNvmet.Target.Ana;
using ManagedNvmet.Target.QualityOfService;

namespace ManagedNvmet.Target.Namespaces;

/// <summary>A namespace in the view of one controller, with the properties that its commands need. Immutable.</summary>
internal sealed class AttachedNamespace(Namespace served, bool isWriteProtected, AnaState anaState, Throttle[]? throttles)
{
    /// <summary>The namespace.</summary>
    public Namespace Namespace { get; } = served;

    /// <summary>True when no command of this host may change the medium.</summary>
    public bool IsWriteProtected { get; } = isWriteProtected;

    /// <summary>The state of the namespace's ANA group on the port of this controller.</summary>
    public AnaState AnaState { get; } = anaState;

    /// <summary>The status with which commands fail because of the ANA state; success when they do not.</summary>
    public NvmeStatus PathStatus { get; } = anaState switch
    {
        AnaState.Inaccessible => NvmeStatus.AnaInaccessible,
        AnaState.PersistentLoss => NvmeStatus.AnaPersistentLoss,
        AnaState.Change => NvmeStatus.AnaTransition,
        _ => NvmeStatus.Success,
    };

    /// <summary>The limits of the I/O rate of its commands, or null when there are none.</summary>
    public Throttle[]? Throttles { get; } = throttles;
}
