namespace ManagedNvmet.Target.Tests.Pages;

/// <summary>A clock that the test moves.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long milliseconds;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => milliseconds;

    public void Advance(TimeSpan span) => milliseconds += (long)span.TotalMilliseconds;
}
