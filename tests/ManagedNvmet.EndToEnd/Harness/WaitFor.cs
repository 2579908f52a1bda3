using System.Diagnostics;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>Polls until a condition holds that another process brings about.</summary>
internal static class WaitFor
{
    public static Task TrueAsync(Func<bool> condition, TimeSpan timeLimit, string what) =>
        TrueAsync(() => Task.FromResult(condition()), timeLimit, what);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan timeLimit, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < timeLimit, $"Waited {timeLimit.TotalSeconds:F0} s in vain until {what}.");
            await Task.Delay(100);
        }
    }
}
