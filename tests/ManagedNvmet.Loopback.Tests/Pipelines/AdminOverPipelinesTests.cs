namespace ManagedNvmet.Loopback.Tests.Pipelines;

/// <inheritdoc cref="AdminTests"/>
public sealed class AdminOverPipelinesTests : AdminTests
{
    protected override TransportEngine Transport => TransportEngine.Pipelines;
}
