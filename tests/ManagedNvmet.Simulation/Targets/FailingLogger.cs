using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Simulation.Targets;

/// <summary>Logger that fails the run on a line of level Error: no event of the simulation may cause one.</summary>
internal sealed class FailingLogger(World world) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string line = formatter(state, exception);
        if (logLevel >= LogLevel.Error)
            world.Fail($"The target logged an error: {line} {exception}");
    }
}
