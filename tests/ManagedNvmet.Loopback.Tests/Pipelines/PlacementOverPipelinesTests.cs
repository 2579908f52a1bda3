namespace ManagedNvmet.Loopback.Tests.Pipelines;

/// <inheritdoc cref="PlacementTests"/>
public sealed class PlacementOverPipelinesTests : PlacementTests
{
    protected override TransportEngine Transport => TransportEngine.Pipelines;
}
