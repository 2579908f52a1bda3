namespace ManagedNvmet.Io.Tests;

public sealed class SystemCallCostTests
{
    [Fact]
    public void A_call_takes_some_nanoseconds_and_no_millisecond() => Assert.InRange(SystemCallCost.Nanoseconds, 1, 1_000_000);
}
