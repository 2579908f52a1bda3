namespace ManagedNvmet.Announcing;

/// <summary>Carries announcements to the links.</summary>
/// <remarks>Called by one task.</remarks>
internal interface ICarrier : IAsyncDisposable
{
    /// <summary>Makes what is announced what is wanted. Called again when it has said that something happened.</summary>
    /// <exception cref="AnnouncingException">It does not work; the message says why.</exception>
    Task PublishAsync(IReadOnlyList<PlannedService> services, CancellationToken cancellationToken);

    /// <summary>Takes everything back: a goodbye to the links.</summary>
    Task WithdrawAsync();
}
