namespace ManagedNvmet.Loopback.Tests.Pipelines;

/// <inheritdoc cref="LimitTests"/>
public sealed class LimitOverPipelinesTests : LimitTests
{
    protected override TransportEngine Transport => TransportEngine.Pipelines;
}
