using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Announcing.Dns;
using ManagedNvmet.Announcing.Responding;

namespace ManagedNvmet.Announcing;

/// <summary>Publishes services with the server's own responder: one <see cref="MdnsResponder"/> per link, and one socket per address
/// family.</summary>
internal sealed class ResponderPublisher : IPublisher
{
    private const string By = "own responder";
    private const string Domain = "local";
    private const int MaxAddresses = 1024;

    private readonly AnnouncerOptions _options;
    private readonly ServiceNames _names;
    private readonly AnnouncementTracker _tracker;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, LinkState> _links = [];
    private readonly Dictionary<int, int> _attempts = [];

    // Present and earlier addresses of each TCP port. The sockets also receive this machine's own messages. Such a message may carry an
    // address that the machine has lost meanwhile; the responder must not take it for a conflict.
    private readonly Dictionary<int, HashSet<IPAddress>> _addresses = [];
    private readonly DnsName _type;
    private readonly ITimer _timer;
    private readonly MdnsSocket? _socketV4;
    private readonly MdnsSocket? _socketV6;
    private readonly Task _receiving;
    private IReadOnlyList<PlannedService> _services = [];
    private bool _isClosed;

    /// <summary>Opens the sockets and starts to receive.</summary>
    /// <exception cref="AnnouncingException">No socket can be opened.</exception>
    public ResponderPublisher(AnnouncerOptions options, ServiceNames names, AnnouncementTracker tracker)
    {
        _options = options;
        _names = names;
        _tracker = tracker;
        _type = DnsName.Of([.. options.ServiceType.Split('.'), Domain]);
        _socketV4 = TryOpen(AddressFamily.InterNetwork, out SocketException? faultV4);
        _socketV6 = TryOpen(AddressFamily.InterNetworkV6, out _);
        if (_socketV4 is null && _socketV6 is null)
        {
            throw new AnnouncingException(
                $"UDP port {MdnsSocket.Port} cannot be opened ({faultV4!.Message}); another mDNS responder may hold it exclusively.",
                faultV4);
        }
        _timer = options.Time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _receiving = Task.WhenAll(
            _socketV4?.ReceiveAsync(OnMessage) ?? Task.CompletedTask,
            _socketV6?.ReceiveAsync(OnMessage) ?? Task.CompletedTask);
    }

    private long Now => (long)_options.Time.GetElapsedTime(0).TotalMilliseconds;

    public Task PublishAsync(IReadOnlyList<PlannedService> services, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (PlannedService removed in _services.Where(old => !services.Any(each => each.TcpPort == old.TcpPort)))
            {
                _attempts.Remove(removed.TcpPort);
                _addresses.Remove(removed.TcpPort);
                _tracker.Withdrawn(removed.TcpPort);
            }
            _services = services;
            foreach (PlannedService service in services)
                RememberAddresses(service);
            NetworkLink[] wanted =
                [.. services.SelectMany(service => service.Links).Select(each => each.Link).DistinctBy(link => link.Index)];
            foreach (int removed in _links.Keys.Except(wanted.Select(link => link.Index)).ToArray())
            {
                // Sends goodbye messages. They fail when the interface no longer exists, which does no harm.
                _links[removed].Responder.Stop();
                Send(_links[removed]);
                _links.Remove(removed);
            }
            foreach (NetworkLink link in wanted)
            {
                if (!_links.TryGetValue(link.Index, out LinkState? state))
                    _links.Add(link.Index, state = new LinkState(new MdnsResponder(Random.Shared.Next)));
                state.Link = link;
            }
            Join(_socketV4, AddressFamily.InterNetwork);
            Join(_socketV6, AddressFamily.InterNetworkV6);
            foreach (PlannedService service in services)
            {
                if (_tracker.Find(service.TcpPort) is not { IsAnnounced: true, By: By })
                    _tracker.Pending(service.TcpPort, "The server is checking that no other machine uses the name.");
            }
            SetServices();
        }
        return Task.CompletedTask;
    }

    public Task WithdrawAsync()
    {
        lock (_gate)
        {
            foreach (LinkState state in _links.Values)
            {
                state.Responder.Stop();
                Send(state);
            }
            _links.Clear();
            foreach (PlannedService service in _services)
                _tracker.Withdrawn(service.TcpPort);
            _services = [];
        }
        return Task.CompletedTask;
    }

    /// <summary>Closes the sockets without goodbye messages.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            _links.Clear();
        }
        await _timer.DisposeAsync().ConfigureAwait(false);
        _socketV4?.Dispose();
        _socketV6?.Dispose();
        await _receiving.ConfigureAwait(false);
    }

    private static MdnsSocket? TryOpen(AddressFamily family, out SocketException? fault)
    {
        fault = null;
        try
        {
            return new MdnsSocket(family);
        }
        catch (SocketException exception)
        {
            fault = exception;
            return null;
        }
    }

    private void Join(MdnsSocket? socket, AddressFamily family)
    {
        try
        {
            socket?.Join([.. _links.Values.Select(state => state.Link!)
                .Where(link => link.Addresses.Any(each => each.Address.AddressFamily == family)).Select(link => link.Index)]);
        }
        catch (SocketException exception)
        {
            throw new AnnouncingException($"A multicast group cannot be joined ({exception.Message}).", exception);
        }
    }

    private void SetServices()
    {
        foreach (LinkState state in _links.Values)
        {
            state.Responder.SetServices([.. _services.Select(service => OnLink(service, state.Link!)).OfType<LinkService>()], Now);
            state.Responder.Advance(Now);
        }
        ReportAndSend();
    }

    private void RememberAddresses(PlannedService service)
    {
        HashSet<IPAddress> now = [.. service.Links.SelectMany(each => each.Addresses)];
        if (_addresses.TryGetValue(service.TcpPort, out HashSet<IPAddress>? before) && before.Count < MaxAddresses)
            now.UnionWith(before);
        _addresses[service.TcpPort] = now;
    }

    private LinkService? OnLink(PlannedService service, NetworkLink link)
    {
        if (service.Links.FirstOrDefault(each => each.Link.Index == link.Index) is not { } planned)
            return null;
        int attempt = _attempts.GetValueOrDefault(service.TcpPort, 1);
        return new LinkService(
            service.TcpPort,
            DnsName.Of([_names.Instance(service.TcpPort, attempt), .. _options.ServiceType.Split('.'), Domain]),
            DnsName.Of(_names.Host(service.TcpPort, attempt), Domain),
            _type,
            _options.Texts,
            planned.Addresses,
            _addresses[service.TcpPort]);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            foreach (LinkState state in _links.Values)
                state.Responder.Advance(Now);
            ReportAndSend();
        }
    }

    private void OnMessage(ReadOnlyMemory<byte> bytes, IPEndPoint source, int index, bool isMulticast)
    {
        lock (_gate)
        {
            if (!_links.TryGetValue(index, out LinkState? state))
                return;
            long now = Now;
            state.Responder.Receive(bytes.Span, new MessageOrigin(source, isMulticast, state.Link!.IsNeighbour(source.Address)), now);
            state.Responder.Advance(now);
            ReportAndSend();
        }
    }

    // Runs after every event. A name conflict on one link renames the service on all links, because all links show the same name.
    private void ReportAndSend()
    {
        if (_isClosed)
            return;
        HashSet<int> conflicts = [];
        foreach (LinkState state in _links.Values)
        {
            while (state.Responder.TryTakeConflict(out int tcpPort))
                conflicts.Add(tcpPort);
        }
        foreach (int tcpPort in conflicts)
        {
            int attempt = _attempts.GetValueOrDefault(tcpPort, 1);
            _attempts[tcpPort] = attempt + 1;
            _tracker.Renamed(tcpPort, _names.Instance(tcpPort, attempt), _names.Instance(tcpPort, attempt + 1), attempt);
            _tracker.Pending(tcpPort, "The server is checking that no other machine uses the name.");
        }
        if (conflicts.Count > 0)
        {
            SetServices();
            return;
        }
        foreach (LinkState state in _links.Values)
            Send(state);
        foreach (PlannedService service in _services)
        {
            if (service.Links.All(each => IsUpOn(each.Link, service.TcpPort)))
                _tracker.Announced(service, By, _names.Instance(service.TcpPort, _attempts.GetValueOrDefault(service.TcpPort, 1)));
        }
        ArmTimer();
    }

    private bool IsUpOn(NetworkLink link, int tcpPort) =>
        _links.TryGetValue(link.Index, out LinkState? state) && state.Responder.IsUp(tcpPort);

    private void ArmTimer()
    {
        long deadline = _links.Count == 0 ? OwnedRecord.Never : _links.Values.Min(state => state.Responder.Deadline);
        _timer.Change(
            deadline == OwnedRecord.Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(deadline - Now, 1)),
            Timeout.InfiniteTimeSpan);
    }

    private void Send(LinkState state)
    {
        while (state.Responder.TryTakeMessage(out OutgoingMessage? message))
        {
            if (message.Destination is { } destination)
            {
                MdnsSocket? socket = destination.AddressFamily == AddressFamily.InterNetworkV6 ? _socketV6 : _socketV4;
                socket?.TrySend(message.Bytes, state.Link!.Index, destination);
                continue;
            }
            _socketV4?.TrySend(message.Bytes, state.Link!.Index, destination: null);
            _socketV6?.TrySend(message.Bytes, state.Link!.Index, destination: null);
        }
    }

    private sealed class LinkState(MdnsResponder responder)
    {
        public MdnsResponder Responder { get; } = responder;

        public NetworkLink? Link { get; set; }
    }
}
