using Xunit;

namespace ManagedNvmet.Simulation;

/// <summary>Seeds that once found a defect. A seed gives the same run only until the simulation changes, so each defect also has a test of
/// its own.</summary>
public sealed class RegressionSeeds
{
    [Theory]
    [InlineData(609)] // A Disconnect that was cut off was never finished, and its controller stayed for ever.
    [InlineData(384)] // The same, while the target stopped.
    [InlineData(4)] // What came on an I/O queue that had ended did not count for the Keep Alive Timer.
    [InlineData(278)] // The same, 21 ms after the last command.
    [InlineData(60)] // All buffers waited for data that came behind in-capsule data without a buffer.
    [InlineData(81)] // The same, on another connection.
    public void A_seed_that_found_a_fault_finds_it_no_more(ulong seed) => new World(seed).Run();
}
