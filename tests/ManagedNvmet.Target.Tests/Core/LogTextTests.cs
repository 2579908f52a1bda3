using ManagedNvmet.Target.Logging;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class LogTextTests
{
    [Fact]
    public void A_name_without_an_end_is_cut_and_what_could_forge_a_line_is_escaped()
    {
        var field = new byte[256];
        field.AsSpan().Fill((byte)'\n');

        string text = LogText.Field(field);

        Assert.DoesNotContain('\n', text);
        Assert.StartsWith("\\x000A", text, StringComparison.Ordinal);
        Assert.True(text.Length < 256);
    }

    [Theory]
    [InlineData("nqn.2026-11.com.example:disk", "nqn.2026-11.com.example:disk")]
    [InlineData("a\u202Eb", "a\\x202Eb")]
    [InlineData("a\\b", "a\\x005Cb")]
    [InlineData("", "(empty)")]
    public void Printable_text_stays_and_the_rest_is_shown_as_numbers(string text, string expected) =>
        Assert.Equal(expected, LogText.Escape(text));

    [Fact]
    public void Lines_beyond_the_burst_are_left_out_and_counted()
    {
        var lines = new LineCollector();
        var limiter = new LogLimiter(lines, TimeProvider.System);
        for (int line = 0; line < LogLimiter.DefaultBurst; line++)
            Assert.True(limiter.TryEnter());

        Assert.False(limiter.TryEnter());
        Assert.Empty(lines.Lines);
    }

    [Fact]
    public void The_first_line_after_some_were_left_out_says_how_many()
    {
        var lines = new LineCollector();
        var time = new ManualTime();
        var limiter = new LogLimiter(lines, time, burst: 1);
        Assert.True(limiter.TryEnter());
        Assert.False(limiter.TryEnter());
        Assert.False(limiter.TryEnter());
        time.Now += TimeSpan.FromSeconds(1).Ticks;

        Assert.True(limiter.TryEnter());
        Assert.Equal(["2 lines like the next one were left out"], lines.Lines);
    }

    private sealed class ManualTime : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }

    private sealed class LineCollector : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
