using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends.Tests;

/// <summary>Logger that keeps its messages, so that a test can check them.</summary>
internal sealed class CollectedLog : ILogger
{
    public List<string> Messages { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Messages.Add($"{logLevel}: {formatter(state, exception)}");
}
