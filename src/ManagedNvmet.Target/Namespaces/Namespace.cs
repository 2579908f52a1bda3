namespace ManagedNvmet.Target.Namespaces;

/// <summary>A namespace of a subsystem. Immutable: after a change there is another object with the same device.</summary>
public sealed class Namespace
{
    /// <summary>The ANA group of a namespace without a configured group.</summary>
    public const uint DefaultAnaGroup = 1;

    /// <summary>Creates a namespace from a device.</summary>
    /// <exception cref="ArgumentException">The properties of the device are not valid.</exception>
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

    /// <summary>The identifiers of the namespace.</summary>
    public NamespaceIdentity Identity { get; }

    /// <summary>The size, the block size and the abilities of the device.</summary>
    public BlockDeviceProperties Properties { get; }

    /// <summary>Log2 of the block size: LBADS.</summary>
    public int BlockShift { get; }

    /// <summary>ANAGRPID, 1 to <see cref="TargetLimits.MaxAnaGroups"/>.</summary>
    public uint AnaGroup { get; init; } = DefaultAnaGroup;

    /// <summary>True when no host may write, even if the device supports writes.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>True when no command may change the medium.</summary>
    public bool IsWriteProtected => IsReadOnly || Properties.IsReadOnly;

    /// <summary>Returns a copy with the present properties of the device.</summary>
    /// <exception cref="ArgumentException">The properties are not valid.</exception>
    internal Namespace Refresh() => new(Id, Device, Identity) { AnaGroup = AnaGroup, IsReadOnly = IsReadOnly };
}
