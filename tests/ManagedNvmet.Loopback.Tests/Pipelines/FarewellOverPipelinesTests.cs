namespace ManagedNvmet.Loopback.Tests.Pipelines;

/// <inheritdoc cref="FarewellTests"/>
public sealed class FarewellOverPipelinesTests : FarewellTests
{
    protected override TransportEngine Transport => TransportEngine.Pipelines;
}
