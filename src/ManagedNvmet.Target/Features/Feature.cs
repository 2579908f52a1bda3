using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.Features;

/// <summary>One feature: one class in one file, one line in <see cref="FeatureTable"/>. The Feature Identifiers Supported and Effects
/// log page is derived from here.</summary>
/// <remarks>Stateless: one object serves all controllers. Values live in <see cref="FeatureSet"/>. Called on the thread of the admin
/// queue.</remarks>
public abstract class Feature
{
    /// <summary>FID.</summary>
    public abstract byte FeatureId { get; }

    /// <summary>The specification's name.</summary>
    public abstract string Name { get; }

    /// <summary>A value can outlive a reset. No feature of this target does: SV = 1 is refused.</summary>
    public virtual bool IsSaveable => false;

    /// <summary>The host may change it.</summary>
    public virtual bool IsChangeable => true;

    /// <summary>NSID says which namespace is meant.</summary>
    public virtual bool IsNamespaceSpecific => false;

    /// <summary>An I/O controller has it.</summary>
    public virtual bool IsForIo => true;

    /// <summary>A discovery controller has it.</summary>
    public virtual bool IsForDiscovery => false;

    /// <summary>The bit of ONCS that stands for this feature.</summary>
    public virtual OptionalSupport OptionalSupport => OptionalSupport.None;

    /// <summary>The current value after a reset, for a feature whose value is kept in <see cref="FeatureSet"/> as one dword.</summary>
    public virtual uint Default => 0;

    /// <summary>Why Set Features is refused whatever the value is, or success. Known before any data is asked for.</summary>
    public virtual NvmeStatus Refusal => IsChangeable ? NvmeStatus.Success : NvmeStatus.FeatureNotChangeable;

    /// <summary>The answer to SEL = 3: bit 0 saveable, bit 1 namespace specific, bit 2 changeable.</summary>
    public uint Capabilities => (IsSaveable ? 1u : 0) | (IsNamespaceSpecific ? 2u : 0) | (IsChangeable ? 4u : 0);

    /// <summary>False when this controller does not have the feature, whatever kind it is of.</summary>
    public virtual bool IsAvailable(FeatureSet features) => features.Owner.IsDiscovery ? IsForDiscovery : IsForIo;

    /// <summary>Bytes that go with the command; 0 for a feature that is one dword.</summary>
    public virtual int DataLength(in SubmissionEntry entry) => 0;

    /// <summary>Answers Get Features.</summary>
    /// <param name="request">Its data is to be filled whole.</param>
    /// <param name="isDefault">True for the value after a reset, false for the value in force.</param>
    /// <param name="result">Dword 0 of the completion queue entry.</param>
    public abstract NvmeStatus Get(in FeatureRequest request, bool isDefault, out uint result);

    /// <summary>Carries out Set Features. Called only when there is no <see cref="Refusal"/>.</summary>
    /// <param name="request">The command and its data.</param>
    /// <param name="result">Dword 0 of the completion queue entry.</param>
    public virtual NvmeStatus Set(in FeatureRequest request, out uint result)
    {
        result = 0;
        return Refusal;
    }
}
