namespace ManagedNvmet.Target.Tests.Pages;

/// <summary>A clock that the test advances.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _milliseconds;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => _milliseconds;

    public void Advance(TimeSpan span) => _milliseconds += (long)span.TotalMilliseconds;
}
