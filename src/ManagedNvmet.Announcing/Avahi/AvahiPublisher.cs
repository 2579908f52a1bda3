using System.Text;

namespace ManagedNvmet.Announcing.Avahi;

/// <summary>Publishes services through the avahi daemon: one entry group per TCP port.</summary>
internal sealed class AvahiPublisher(
    AvahiBus bus, AnnouncerOptions options, ServiceNames names, AnnouncementTracker tracker, Action requestUpdate) : IPublisher
{
    private const string By = "avahi";

    // States of an entry group (AvahiEntryGroupState).
    private const int Established = 2;
    private const int Collision = 3;
    private const int Failure = 4;

    // Limits the names that one call tries while each is taken. The next call, after the next event of the daemon, tries further names.
    private const int MaxAttemptsAtOnce = 20;

    private readonly Dictionary<int, AvahiGroup> _groups = [];
    private readonly List<byte[]> _texts = [.. options.Texts.Select(Encoding.UTF8.GetBytes)];

    private readonly int _generation = bus.Generation;

    /// <summary>Returns true when the daemon to which this publisher gave its services is still running.</summary>
    public bool IsOf(AvahiBus current) => ReferenceEquals(bus, current) && _generation == current.Generation;

    public async Task PublishAsync(IReadOnlyList<PlannedService> services, CancellationToken cancellationToken)
    {
        foreach (int removed in _groups.Keys.Where(tcpPort => !services.Any(each => each.TcpPort == tcpPort)).ToArray())
        {
            await RemoveAsync(removed).ConfigureAwait(false);
            tracker.Withdrawn(removed);
        }
        if (!await bus.IsReadyAsync().ConfigureAwait(false))
        {
            // The daemon drops all services while it establishes its host name. Its StateChanged signal then calls this method again.
            foreach (PlannedService service in services)
            {
                await RemoveAsync(service.TcpPort).ConfigureAwait(false);
                tracker.Pending(service.TcpPort, "The avahi daemon is not ready yet.");
            }
            return;
        }
        string domain = await bus.GetDomainAsync().ConfigureAwait(false);
        foreach (PlannedService service in services)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await PublishAsync(service, domain).ConfigureAwait(false);
        }
    }

    public async Task WithdrawAsync()
    {
        foreach (int tcpPort in _groups.Keys.ToArray())
        {
            await RemoveAsync(tcpPort).ConfigureAwait(false);
            tracker.Withdrawn(tcpPort);
        }
    }

    /// <summary>Stops watching the groups. The daemon itself withdraws the services when the D-Bus connection ends.</summary>
    public ValueTask DisposeAsync()
    {
        foreach (AvahiGroup group in _groups.Values)
            group.Watch?.Dispose();
        _groups.Clear();
        return ValueTask.CompletedTask;
    }

    private async Task PublishAsync(PlannedService service, string domain)
    {
        if (!_groups.TryGetValue(service.TcpPort, out AvahiGroup? group))
        {
            group = new AvahiGroup(await bus.NewGroupAsync().ConfigureAwait(false));
            _groups.Add(service.TcpPort, group);
            group.Watch = await bus.WatchGroupAsync(group.Path, state =>
            {
                group.State = state;
                requestUpdate();
            }).ConfigureAwait(false);
        }
        switch (group.State)
        {
            case Collision:
                TakeNextName(group, service.TcpPort);
                break;
            case Failure:
                group.Published = null;
                group.State = 0;
                throw new AnnouncingException("The avahi daemon could not publish the service; its own log says why.");
            case Established when group.Published is { } published:
                tracker.Announced(published, By, names.Instance(service.TcpPort, group.Attempt));
                break;
        }
        for (int count = 0; (group.Published is null || !group.Published.IsSame(service)) && count < MaxAttemptsAtOnce; count++)
        {
            try
            {
                await FillAsync(group, service, domain).ConfigureAwait(false);
            }
            catch (NameTakenException)
            {
                TakeNextName(group, service.TcpPort);
            }
        }
    }

    private async Task FillAsync(AvahiGroup group, PlannedService service, string domain)
    {
        if (tracker.Find(service.TcpPort) is not { IsAnnounced: true })
            tracker.Pending(service.TcpPort, "The server is checking that no other machine uses the name.");
        await bus.CallGroupAsync(group.Path, "Reset").ConfigureAwait(false);
        group.Published = null;
        group.State = 0;
        string host = $"{names.Host(service.TcpPort, group.Attempt)}.{domain}";
        foreach (PlannedLink each in service.Links)
        {
            foreach (System.Net.IPAddress address in each.Addresses)
                await bus.AddAddressAsync(group.Path, each.Link.Index, host, address.ToString()).ConfigureAwait(false);
            string instance = names.Instance(service.TcpPort, group.Attempt);
            await bus.AddServiceAsync(group.Path, each.Link.Index, instance, options.ServiceType, host, service.TcpPort, _texts)
                .ConfigureAwait(false);
        }
        group.Published = service;
        await bus.CallGroupAsync(group.Path, "Commit").ConfigureAwait(false);
    }

    private void TakeNextName(AvahiGroup group, int tcpPort)
    {
        tracker.Renamed(tcpPort, names.Instance(tcpPort, group.Attempt), names.Instance(tcpPort, group.Attempt + 1), group.Attempt);
        group.Attempt++;
        group.Published = null;
        group.State = 0;
    }

    private async Task RemoveAsync(int tcpPort)
    {
        if (!_groups.Remove(tcpPort, out AvahiGroup? group))
            return;
        group.Watch?.Dispose();
        await bus.CallGroupAsync(group.Path, "Free").ConfigureAwait(false);
    }
}
