namespace ManagedNvmet.Loopback.Tests;

/// <summary>Base of the tests that must pass over each transport. A derived class in the folder Pipelines repeats them over
/// pipes.</summary>
public abstract class LoopbackTest
{
    /// <summary>What carries the connections to the servers of the test.</summary>
    protected virtual TransportEngine Transport => TransportEngine.Epoll;

    private protected Task<TestServer> StartServerAsync(string disk, Action<NvmetServerOptions>? configure = null) =>
        TestServer.StartAsync(disk, options =>
        {
            options.Transport = Transport;
            configure?.Invoke(options);
        });
}
