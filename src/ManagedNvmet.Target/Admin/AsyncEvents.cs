namespace ManagedNvmet.Target.Admin;

/// <summary>The asynchronous events of one controller.</summary>
public sealed class AsyncEvents
{
    /// <summary>The host has read this log page and wants to hear of its next change.</summary>
    public void Acknowledge(byte logPageId) => throw new NotImplementedException();
}
