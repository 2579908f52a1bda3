using System.Text;

namespace ManagedNvmet.Announcing.Avahi;

/// <summary>Announces through the avahi daemon.</summary>
internal sealed class AvahiCarrier(AvahiBus bus, AnnouncerOptions options, ServiceNames names, AnnouncementBoard board, Action wake) : ICarrier
{
    private const string By = "avahi";
    private const int Established = 2;
    private const int Collision = 3;
    private const int Failure = 4;

    // Names are taken one after another in one call only so often; more are tried when the daemon has been heard again.
    private const int MaxAttemptsAtOnce = 20;

    private readonly Dictionary<int, AvahiGroup> _groups = [];
    private readonly List<byte[]> _texts = [.. options.Texts.Select(Encoding.UTF8.GetBytes)];

    private readonly int _generation = bus.Generation;

    /// <summary>The daemon that it gave its services to still runs.</summary>
    public bool IsOf(AvahiBus current) => ReferenceEquals(bus, current) && _generation == current.Generation;

    public async Task PublishAsync(IReadOnlyList<PlannedService> services, CancellationToken cancellationToken)
    {
        foreach (int gone in _groups.Keys.Where(tcpPort => !services.Any(each => each.TcpPort == tcpPort)).ToArray())
        {
            await RemoveAsync(gone).ConfigureAwait(false);
            board.Withdrawn(gone);
        }
        if (!await bus.IsReadyAsync().ConfigureAwait(false))
        {
            // It gives all services up itself while it looks for a name of its own, and says when it has one.
            foreach (PlannedService service in services)
            {
                await RemoveAsync(service.TcpPort).ConfigureAwait(false);
                board.Pending(service.TcpPort, "The avahi daemon is not ready yet.");
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
            board.Withdrawn(tcpPort);
        }
    }

    /// <summary>The daemon itself takes back what belongs to a connection that ends, or is gone with all it had.</summary>
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
                wake();
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
                board.Announced(published, By, names.Instance(service.TcpPort, group.Attempt));
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
        if (board.Find(service.TcpPort) is not { IsAnnounced: true })
            board.Pending(service.TcpPort, "Its name is being asked for.");
        await bus.GroupAsync(group.Path, "Reset").ConfigureAwait(false);
        group.Published = null;
        group.State = 0;
        string host = $"{names.Host(service.TcpPort, group.Attempt)}.{domain}";
        foreach (PlannedLink each in service.Links)
        {
            foreach (System.Net.IPAddress address in each.Addresses)
                await bus.AddAddressAsync(group.Path, each.Link.Index, host, address.ToString()).ConfigureAwait(false);
            await bus.AddServiceAsync(
                group.Path, each.Link.Index, names.Instance(service.TcpPort, group.Attempt), options.ServiceType, host, service.TcpPort, _texts)
                .ConfigureAwait(false);
        }
        group.Published = service;
        await bus.GroupAsync(group.Path, "Commit").ConfigureAwait(false);
    }

    private void TakeNextName(AvahiGroup group, int tcpPort)
    {
        board.Renamed(tcpPort, names.Instance(tcpPort, group.Attempt), names.Instance(tcpPort, group.Attempt + 1), group.Attempt);
        group.Attempt++;
        group.Published = null;
        group.State = 0;
    }

    private async Task RemoveAsync(int tcpPort)
    {
        if (!_groups.Remove(tcpPort, out AvahiGroup? group))
            return;
        group.Watch?.Dispose();
        await bus.GroupAsync(group.Path, "Free").ConfigureAwait(false);
    }
}
