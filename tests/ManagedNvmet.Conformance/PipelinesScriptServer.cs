namespace ManagedNvmet.Conformance;

/// <summary>The same server with connections over System.Net.Sockets and pipes.</summary>
public sealed class PipelinesScriptServer : ScriptServer
{
    protected override TransportEngine Transport => TransportEngine.Pipelines;
}
