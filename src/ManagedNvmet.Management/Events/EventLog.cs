using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Management.Events;

/// <summary>Keeps the last lines of the log, for those who look by another way than the log. The log has limited their rate
/// already.</summary>
/// <remarks>Thread-safe. Holds at most <see cref="Capacity"/> lines.</remarks>
[ProviderAlias("Events")]
public sealed class EventLog : ILoggerProvider
{
    /// <summary>Lines that are kept.</summary>
    public const int Capacity = 1000;

    private const int MaxMessageLength = 1000;
    private const string OurCategories = "ManagedNvmet";

    private readonly Lock _gate = new();
    private readonly Queue<EventRecord> _records = new();
    private readonly TimeProvider _time;
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastNumber;

    /// <param name="time">For the time of the lines.</param>
    public EventLog(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>The last lines, the newest first.</summary>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<EventRecord> Last(int most)
    {
        lock (_gate)
            return [.. _records.Reverse().Take(most)];
    }

    /// <summary>The lines after a number, the oldest first.</summary>
    public IReadOnlyList<EventRecord> After(long number)
    {
        lock (_gate)
            return [.. _records.SkipWhile(record => record.Number <= number)];
    }

    /// <summary>Waits until there is a line after a number.</summary>
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
        TaskCompletionSource told;
        lock (_gate)
        {
            if (_records.Count == Capacity)
                _records.Dequeue();
            string text = message.Length <= MaxMessageLength ? message : message[..MaxMessageLength] + "…";
            _records.Enqueue(new EventRecord(++_lastNumber, _time.GetUtcNow(), level.ToString(), source, text));
            told = _added;
            _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        told.SetResult();
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
