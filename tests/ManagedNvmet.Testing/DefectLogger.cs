using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Testing;

/// <summary>Logger that keeps all lines of level Error or higher. No peer can cause one, so each is a defect of the target.</summary>
public sealed class DefectLogger : ILogger
{
    public List<string> Defects { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string line = formatter(state, exception);
        if (line.AsSpan().IndexOfAnyInRange('\0', '\u001F') >= 0)
            Defects.Add("A line of the log holds a control character.");
        if (line.Length > 4096)
            Defects.Add($"A line of the log has {line.Length} characters.");
        if (logLevel >= LogLevel.Error)
            Defects.Add(exception is null ? line : $"{line} {exception}");
    }
}
