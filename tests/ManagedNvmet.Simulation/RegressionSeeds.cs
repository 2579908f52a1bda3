using Xunit;

namespace ManagedNvmet.Simulation;

/// <summary>Seeds that found something. A seed means what it meant only until the simulation changes; each finding has a test of its own
/// where it was mended.</summary>
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
