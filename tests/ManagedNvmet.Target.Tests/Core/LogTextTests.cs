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
        var limiter = new LogLimiter(TimeProvider.System);
        for (int line = 0; line < LogLimiter.DefaultBurst; line++)
            Assert.True(limiter.TryEnter(out _));

        Assert.False(limiter.TryEnter(out _));
    }
}
