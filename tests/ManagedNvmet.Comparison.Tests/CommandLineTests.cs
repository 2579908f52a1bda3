using System.CommandLine;
using Xunit;

namespace ManagedNvmet.Comparison.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("", 50)]
    [InlineData("--spin 0", 0)]
    [InlineData("--spin 20", 20)]
    public void Ours_spins_for_as_long_as_is_said(string arguments, int microseconds)
    {
        ComparisonOptions? options = null;
        Assert.Equal(0, Parse(arguments, found => options = found).Invoke());
        Assert.Equal(microseconds, options!.SpinMicroseconds);
    }

    [Theory]
    [InlineData("--spin -1", "--spin is '-1', expected 0 or more.")]
    [InlineData("--rounds 0", "--rounds is '0', expected 1 or more.")]
    public void What_cannot_be_is_refused_with_what_could(string arguments, string message) =>
        Assert.Equal(message, Assert.Single(Parse(arguments, _ => { }).Errors).Message);

    private static ParseResult Parse(string arguments, Action<ComparisonOptions> run)
    {
        var line = new CommandLine((options, _) =>
        {
            run(options);
            return Task.FromResult(0);
        });
        string self = typeof(CommandLineTests).Assembly.Location;
        return line.Root.Parse(["--server", self, "--load-tool", self, .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
    }
}
