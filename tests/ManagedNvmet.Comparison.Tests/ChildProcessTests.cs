using Xunit;

namespace ManagedNvmet.Comparison.Tests;

public sealed class ChildProcessTests
{
    [Fact]
    public async Task A_program_that_ends_with_its_parent_outlives_the_thread_that_asked_for_it()
    {
        ChildProcess? child = null;
        var thread = new Thread(() =>
        {
            child = ChildProcess.Start("setpriv", ["--pdeathsig", "TERM", "sleep", "60"], core: null);

            // Gives the child time to request its parent-death signal from the kernel.
            Thread.Sleep(500);
        });
        thread.Start();
        thread.Join();
        await using (child)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);

            Assert.False(child!.HasExited);
        }
    }
}
