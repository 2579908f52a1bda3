namespace ManagedNvmet.Testing;

/// <summary>Milliseconds that pass when the test says so.</summary>
public sealed class TestClock
{
    public long Now { get; private set; } = 1_000_000;

    public void Advance(long milliseconds) => Now += milliseconds;
}
