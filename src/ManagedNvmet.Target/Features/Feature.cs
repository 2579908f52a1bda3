using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.Features;

/// <summary>A feature. <see cref="FeatureTable"/> lists all of them, and the Feature Identifiers Supported and Effects log page is made
/// from that table.</summary>
/// <remarks>One stateless object serves all controllers; <see cref="FeatureSet"/> keeps the values. Runs on the thread of the admin
/// queue.</remarks>
public abstract class Feature
{
    /// <summary>FID.</summary>
    public abstract byte FeatureId { get; }

    /// <summary>The name in the specification.</summary>
    public abstract string Name { get; }

    /// <summary>True when a value can survive a reset. It is false for all features of this target, so the target refuses SV = 1.</summary>
    public virtual bool IsSaveable => false;

    /// <summary>True when the host may change the value.</summary>
    public virtual bool IsChangeable => true;

    /// <summary>True when each namespace has its own value, which NSID selects.</summary>
    public virtual bool IsNamespaceSpecific => false;

    /// <summary>True when I/O controllers have the feature.</summary>
    public virtual bool IsForIo => true;

    /// <summary>True when discovery controllers have the feature.</summary>
    public virtual bool IsForDiscovery => false;

    /// <summary>The bit of ONCS that stands for this feature.</summary>
    public virtual OptionalSupport OptionalSupport => OptionalSupport.None;

    /// <summary>The current value after a reset, for a feature whose value is kept in <see cref="FeatureSet"/> as one dword.</summary>
    public virtual uint Default => 0;

    /// <summary>The status with which Set Features fails for every value; success when it does not. The target checks it before it requests
    /// data.</summary>
    public virtual NvmeStatus Refusal => IsChangeable ? NvmeStatus.Success : NvmeStatus.FeatureNotChangeable;

    /// <summary>The answer to SEL = 3: bit 0 saveable, bit 1 namespace specific, bit 2 changeable.</summary>
    public uint Capabilities => (IsSaveable ? 1u : 0) | (IsNamespaceSpecific ? 2u : 0) | (IsChangeable ? 4u : 0);

    /// <summary>Returns false when this controller does not have the feature.</summary>
    public virtual bool IsAvailable(FeatureSet features) => features.Owner.IsDiscovery ? IsForDiscovery : IsForIo;

    /// <summary>Returns the number of data bytes of the command; 0 for a feature of one dword.</summary>
    public virtual int DataLength(in SubmissionEntry entry) => 0;

    /// <summary>Answers Get Features.</summary>
    /// <param name="request">The command, and its data, which the method must fill completely.</param>
    /// <param name="isDefault">True for the value after a reset, false for the current value.</param>
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
