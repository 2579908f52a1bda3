namespace ManagedNvmet;

/// <summary>What a <see cref="BlockDevice"/> can do beyond reading, writing and flushing.</summary>
[Flags]
public enum BlockDeviceCapabilities
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary>Deallocate has an effect.</summary>
    Deallocate = 1 << 0,

    /// <summary>Deallocated blocks read as zeros.</summary>
    DeallocatedReadsZero = 1 << 1,

    /// <summary>Every Read that succeeds ends in <see cref="BlockRequest.CompleteWithLentData"/>, and never in
    /// <see cref="BlockRequest.Complete"/>: the target then claims no buffer for it. For devices that hold their contents in
    /// memory.</summary>
    LendsReadData = 1 << 2,

    /// <summary>Every Write is completed before <see cref="BlockDevice.Submit"/> returns, and the device does not use its data after that:
    /// the target then hands over small writes where it received them, without a copy. A device that keeps such a write loses the
    /// connection.</summary>
    CompletesWritesAtOnce = 1 << 3,
}
