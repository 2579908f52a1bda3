namespace ManagedNvmet.Loopback.Tests.Pipelines;

/// <inheritdoc cref="ConnectionMoveTests"/>
public sealed class ConnectionMoveOverPipelinesTests : ConnectionMoveTests
{
    protected override TransportEngine Transport => TransportEngine.Pipelines;
}
