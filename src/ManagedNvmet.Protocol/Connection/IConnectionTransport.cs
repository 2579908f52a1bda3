namespace ManagedNvmet.Protocol.Connection;

/// <summary>What carries the bytes of a connection.</summary>
public interface IConnectionTransport : IConnectionScheduler
{
    /// <summary>There may be something to send, the receiver may have become ready again, the deadline may have moved, or the connection
    /// may be finished: look at it at the end of this round. Cheap; may be called often. On the owning thread.</summary>
    void Wake();
}
