namespace ManagedNvmet.Protocol.Connection;

/// <summary>Carries the bytes of a connection.</summary>
public interface IConnectionTransport : IConnectionScheduler
{
    /// <summary>Asks the transport to look at the connection at the end of this round: it may have output, want to receive again, have
    /// another deadline, or be finished. Cheap; may be called often. On the owning thread.</summary>
    void Wake();
}
