using System.Diagnostics;
using System.Globalization;
using CsCheck;
using Xunit;

namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>Applies random sequences of configurations to a running target with connected hosts, and compares it with the model.</summary>
public sealed class ModelTests
{
    /// <summary>Environment variable with the seconds to spend on sequences with new seeds, in addition to those with fixed
    /// seeds.</summary>
    private const string SecondsVariable = "MANAGEDNVMET_MODEL_SECONDS";
    private const int FixedWays = 40;
    private const int Steps = 24;
    private static readonly TimeSpan ShrinkTime = TimeSpan.FromMinutes(3);
    private static readonly Gen<Step[]> Ways = Step.Any.Array[Steps];

    [Fact]
    public async Task After_every_step_each_host_has_what_the_model_says()
    {
        for (uint seed = 1; seed <= FixedWays; seed++)
            await GoAsync(seed);
    }

    [Fact]
    public async Task Ways_that_nobody_has_gone_before_are_as_the_model_says()
    {
        string? seconds = Environment.GetEnvironmentVariable(SecondsVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(seconds), $"Set {SecondsVariable} to the seconds that it may take.");
        long end = Stopwatch.GetTimestamp() + int.Parse(seconds, CultureInfo.InvariantCulture) * Stopwatch.Frequency;
        while (Stopwatch.GetTimestamp() < end)
            await GoAsync((uint)Random.Shared.Next(FixedWays + 1, int.MaxValue));
    }

    private static async Task GoAsync(uint seed)
    {
        Step[] way = Ways.Generate(new PCG(seed, seed), null, out _);
        if (await FailureOfAsync(way) is not { } failure)
            return;
        (Step[] shortest, string last) = await ShrinkAsync(way, failure);
        Assert.Fail($"Seed {seed} fails; the shortest way that does:\n  {string.Join("\n  ", shortest)}\n{last}");
    }

    // Shortens a failing sequence: removes halves, quarters and so on down to single steps while the rest still fails.
    private static async Task<(Step[] Way, string Failure)> ShrinkAsync(Step[] way, string failure)
    {
        var clock = Stopwatch.StartNew();
        for (int size = way.Length / 2; size >= 1; size /= 2)
        {
            for (int at = way.Length - size; at >= 0 && clock.Elapsed < ShrinkTime; at--)
            {
                if (at + size > way.Length)
                    continue;
                Step[] shorter = [.. way.AsSpan(0, at), .. way.AsSpan(at + size)];
                if (await FailureOfAsync(shorter) is { } still)
                    (way, failure) = (shorter, still);
            }
        }
        return (way, failure);
    }

    private static async Task<string?> FailureOfAsync(Step[] way)
    {
        try
        {
            await ModelRun.GoAsync(way);
            return null;
        }
        catch (Exception exception)
        {
            return exception.ToString();
        }
    }
}
