using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Target.Namespaces;

/// <summary>A device under its number in a subsystem. Immutable: a change of it is another one with the same device.</summary>
public sealed class Namespace
{
    /// <summary>The ANA group of a namespace that is in no other.</summary>
    public const uint DefaultAnaGroup = 1;

    /// <summary>Takes the device as namespace <paramref name="id"/>.</summary>
    /// <exception cref="ArgumentException">The device's properties are not sound.</exception>
    public Namespace(uint id, BlockDevice device, NamespaceIdentity identity)
    {
        ArgumentOutOfRangeException.ThrowIfZero(id);
        Properties = device.Properties;
        if (Properties.Validate() is { } problem)
            throw new ArgumentException($"Namespace {id} cannot be served: {problem}.", nameof(device));
        Id = id;
        Device = device;
        Identity = identity;
        BlockShift = System.Numerics.BitOperations.Log2((uint)Properties.BlockSize);
    }

    /// <summary>NSID, 1 to FFFFFFFEh.</summary>
    public uint Id { get; }

    /// <summary>The disk.</summary>
    public BlockDevice Device { get; }

    /// <summary>The names that hosts know it by.</summary>
    public NamespaceIdentity Identity { get; }

    /// <summary>Size, block size and abilities.</summary>
    public BlockDeviceProperties Properties { get; }

    /// <summary>Log2 of the block size: LBADS.</summary>
    public int BlockShift { get; }

    /// <summary>ANAGRPID, 1 to <see cref="TargetLimits.MaxAnaGroups"/>.</summary>
    public uint AnaGroup { get; init; } = DefaultAnaGroup;

    /// <summary>No host may write, whatever the device could.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>No command may change the medium.</summary>
    public bool IsWriteProtected => IsReadOnly || Properties.IsReadOnly;

    /// <summary>The same with the device's properties of now.</summary>
    /// <exception cref="ArgumentException">They are not sound.</exception>
    internal Namespace Refresh() => new(Id, Device, Identity) { AnaGroup = AnaGroup, IsReadOnly = IsReadOnly };
}
