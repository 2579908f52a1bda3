using System.Globalization;
using ManagedNvmet.Server.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ManagedNvmet.Server;

/// <summary>One line an event: time, level, what happened. A stack trace, which only a defect of ours has, goes on the lines
/// below.</summary>
internal sealed class LineFormatter : ConsoleFormatter
{
    public const string FormatterName = "line";

    private readonly TimeProvider _time = TimeProvider.System;

    public LineFormatter()
        : base(FormatterName)
    {
    }

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter output)
    {
        string level = entry.LogLevel switch
        {
            LogLevel.Trace => "trace  ",
            LogLevel.Debug => "debug  ",
            LogLevel.Information => "info   ",
            LogLevel.Warning => "warning",
            LogLevel.Error => "error  ",
            _ => "FATAL  ",
        };
        string now = _time.GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        output.WriteLine($"{now} {level} {SettingText.Explain(entry.Formatter(entry.State, entry.Exception))}");
        if (entry.Exception is { } exception)
            output.WriteLine(exception);
    }
}
