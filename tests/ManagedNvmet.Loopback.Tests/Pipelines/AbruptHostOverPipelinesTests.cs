namespace ManagedNvmet.Loopback.Tests.Pipelines;

/// <inheritdoc cref="AbruptHostTests"/>
public sealed class AbruptHostOverPipelinesTests : AbruptHostTests
{
    protected override TransportEngine Transport => TransportEngine.Pipelines;
}
