namespace ManagedNvmet.Testing;

/// <summary>A clock in milliseconds that the test advances.</summary>
public sealed class TestClock
{
    public long Now { get; private set; } = 1_000_000;

    public void Advance(long milliseconds) => Now += milliseconds;
}
