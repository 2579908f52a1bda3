namespace ManagedNvmet.Loopback.Tests.Pipelines;

/// <inheritdoc cref="FailureTests"/>
public sealed class FailureOverPipelinesTests : FailureTests
{
    protected override TransportEngine Transport => TransportEngine.Pipelines;
}
