using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Management.Events;

/// <summary>Logger provider that keeps the latest lines of the server's own log in memory, for the management interface. The callers have
/// already limited the rate of lines that a peer can cause.</summary>
/// <remarks>Thread-safe. Holds at most <see cref="Capacity"/> lines.</remarks>
[ProviderAlias("Events")]
public sealed class EventLog : ILoggerProvider
{
    /// <summary>Number of lines that it keeps.</summary>
    public const int Capacity = 1000;

    private const int MaxMessageLength = 1000;
    private const string OurCategories = "ManagedNvmet";

    private readonly Lock _gate = new();
    private readonly Queue<EventRecord> _records = new();
    private readonly TimeProvider _time;
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastNumber;

    /// <param name="time">Clock for the time of each line; the system's when null.</param>
    public EventLog(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>Returns the latest lines, the newest first.</summary>
    /// <param name="count">Maximum number of lines.</param>
    public IReadOnlyList<EventRecord> Last(int count)
    {
        lock (_gate)
            return [.. _records.Reverse().Take(count)];
    }

    /// <summary>Returns the kept lines whose number is greater than <paramref name="number"/>, the oldest first.</summary>
    public IReadOnlyList<EventRecord> After(long number)
    {
        lock (_gate)
            return [.. _records.SkipWhile(record => record.Number <= number)];
    }

    /// <summary>Waits until a line exists whose number is greater than <paramref name="number"/>.</summary>
    public Task WaitAfterAsync(long number, CancellationToken cancellationToken)
    {
        lock (_gate)
            return _lastNumber > number ? Task.CompletedTask : _added.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Add(LogLevel level, string source, string message)
    {
        TaskCompletionSource waiters;
        lock (_gate)
        {
            if (_records.Count == Capacity)
                _records.Dequeue();
            string text = message.Length <= MaxMessageLength ? message : message[..MaxMessageLength] + "…";
            _records.Enqueue(new EventRecord(++_lastNumber, _time.GetUtcNow(), level.ToString(), source, text));
            waiters = _added;
            _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        waiters.SetResult();
    }

    private sealed class Logger(EventLog owner, string category) : ILogger
    {
        private readonly string _source = category[(category.LastIndexOf('.') + 1)..];
        private readonly bool _isOurs = category.StartsWith(OurCategories, StringComparison.Ordinal);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => _isOurs && logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                owner.Add(logLevel, _source, formatter(state, exception));
        }
    }
}
