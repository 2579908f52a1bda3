namespace ManagedNvmet.Announcing;

/// <summary>Publishes services on the links of the machine.</summary>
/// <remarks>The announcer calls it from one task, one call at a time. Disposal sends no goodbye.</remarks>
internal interface IPublisher : IAsyncDisposable
{
    /// <summary>Publishes exactly these services: adds new ones, updates changed ones and withdraws the others. The announcer calls it
    /// again after each event that may change the result.</summary>
    /// <exception cref="AnnouncingException">The services cannot be published. The message says why.</exception>
    Task PublishAsync(IReadOnlyList<PlannedService> services, CancellationToken cancellationToken);

    /// <summary>Withdraws all services, so that other machines remove them from their caches.</summary>
    Task WithdrawAsync();
}
