namespace ManagedNvmet.Loopback.Tests.Pipelines;

/// <inheritdoc cref="InputOutputTests"/>
public sealed class InputOutputOverPipelinesTests : InputOutputTests
{
    protected override TransportEngine Transport => TransportEngine.Pipelines;
}
