using ManagedNvmet.Target.Ana;
using ManagedNvmet.Target.QualityOfService;

namespace ManagedNvmet.Target.Namespaces;

/// <summary>A namespace as one controller has it: what its commands need to know, ready for use. Immutable.</summary>
internal sealed class AttachedNamespace(Namespace served, bool isWriteProtected, AnaState anaState, Throttle[]? throttles)
{
    /// <summary>The namespace.</summary>
    public Namespace Namespace { get; } = served;

    /// <summary>No command of this host may change the medium.</summary>
    public bool IsWriteProtected { get; } = isWriteProtected;

    /// <summary>The state of the namespace's ANA group through the port of this controller.</summary>
    public AnaState AnaState { get; } = anaState;

    /// <summary>What commands fail with because of the ANA state, or success.</summary>
    public NvmeStatus PathStatus { get; } = anaState switch
    {
        AnaState.Inaccessible => NvmeStatus.AnaInaccessible,
        AnaState.PersistentLoss => NvmeStatus.AnaPersistentLoss,
        AnaState.Change => NvmeStatus.AnaTransition,
        _ => NvmeStatus.Success,
    };

    /// <summary>What holds commands back, or null when nothing does.</summary>
    public Throttle[]? Throttles { get; } = throttles;
}
