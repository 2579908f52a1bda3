using ManagedNvmet.Target.Features;

namespace ManagedNvmet.Target.Tests.Pages;

/// <summary>The part of a controller that features use.</summary>
internal sealed class TestOwner : IFeatureOwner
{
    public bool IsDiscovery { get; init; }

    public TargetLimits Limits { get; init; } = new();

    public int IoQueueCount { get; set; }

    public uint KeepAliveMilliseconds { get; private set; } = 5000;

    public bool HasVolatileWriteCache { get; set; }

    public ReadOnlySpan<byte> HostId => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    public void SetKeepAlive(uint milliseconds) => KeepAliveMilliseconds = milliseconds;
}
