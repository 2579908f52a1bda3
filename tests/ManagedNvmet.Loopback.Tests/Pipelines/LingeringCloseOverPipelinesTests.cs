namespace ManagedNvmet.Loopback.Tests.Pipelines;

/// <inheritdoc cref="LingeringCloseTests"/>
public sealed class LingeringCloseOverPipelinesTests : LingeringCloseTests
{
    protected override TransportEngine Transport => TransportEngine.Pipelines;
}
