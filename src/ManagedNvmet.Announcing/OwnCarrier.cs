using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Announcing.Dns;
using ManagedNvmet.Announcing.Responding;

namespace ManagedNvmet.Announcing;

/// <summary>Announces by a responder of our own: one for each link, and a socket for each family.</summary>
internal sealed class OwnCarrier : ICarrier
{
    private const string By = "own responder";
    private const string Domain = "local";
    private const int MaxAddresses = 1024;

    private readonly AnnouncerOptions _options;
    private readonly ServiceNames _names;
    private readonly AnnouncementBoard _board;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, LinkState> _links = [];
    private readonly Dictionary<int, int> _attempts = [];

    // Also addresses that a port had a moment ago: our own words come back to us, perhaps when the address is gone already.
    private readonly Dictionary<int, HashSet<IPAddress>> _addresses = [];
    private readonly DnsName _type;
    private readonly ITimer _timer;
    private readonly MdnsSocket? _socketV4;
    private readonly MdnsSocket? _socketV6;
    private readonly Task _receiving;
    private IReadOnlyList<PlannedService> _services = [];
    private bool _isClosed;

    /// <exception cref="AnnouncingException">The port is not to be had.</exception>
    public OwnCarrier(AnnouncerOptions options, ServiceNames names, AnnouncementBoard board)
    {
        _options = options;
        _names = names;
        _board = board;
        _type = DnsName.Of([.. options.ServiceType.Split('.'), Domain]);
        _socketV4 = Open(AddressFamily.InterNetwork, out SocketException? faultV4);
        _socketV6 = Open(AddressFamily.InterNetworkV6, out _);
        if (_socketV4 is null && _socketV6 is null)
        {
            throw new AnnouncingException(
                $"UDP port {MdnsSocket.Port} is not to be had ({faultV4!.Message}); another mDNS responder may keep it for itself.", faultV4);
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
            foreach (PlannedService gone in _services.Where(old => !services.Any(each => each.TcpPort == old.TcpPort)))
            {
                _attempts.Remove(gone.TcpPort);
                _addresses.Remove(gone.TcpPort);
                _board.Withdrawn(gone.TcpPort);
            }
            _services = services;
            foreach (PlannedService service in services)
                RememberAddresses(service);
            NetworkLink[] wanted = [.. services.SelectMany(service => service.Links).Select(each => each.Link).DistinctBy(link => link.Index)];
            foreach (int gone in _links.Keys.Except(wanted.Select(link => link.Index)).ToArray())
            {
                // A link that is still there hears the goodbye; one that is gone cannot.
                _links[gone].Responder.Stop();
                Send(_links[gone]);
                _links.Remove(gone);
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
                if (_board.Find(service.TcpPort) is not { IsAnnounced: true, By: By })
                    _board.Pending(service.TcpPort, "Its name is being asked for.");
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
                _board.Withdrawn(service.TcpPort);
            _services = [];
        }
        return Task.CompletedTask;
    }

    /// <summary>Falls silent, without a goodbye.</summary>
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

    private static MdnsSocket? Open(AddressFamily family, out SocketException? fault)
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
        Settle();
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
            Settle();
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
            Settle();
        }
    }

    // A name that is lost on one link is given up on all: the service is one.
    private void Settle()
    {
        if (_isClosed)
            return;
        HashSet<int> lost = [];
        foreach (LinkState state in _links.Values)
        {
            while (state.Responder.TryTakeLost(out int tcpPort))
                lost.Add(tcpPort);
        }
        foreach (int tcpPort in lost)
        {
            int attempt = _attempts.GetValueOrDefault(tcpPort, 1);
            _attempts[tcpPort] = attempt + 1;
            _board.Renamed(tcpPort, _names.Instance(tcpPort, attempt), _names.Instance(tcpPort, attempt + 1), attempt);
            _board.Pending(tcpPort, "Its name is being asked for.");
        }
        if (lost.Count > 0)
        {
            SetServices();
            return;
        }
        foreach (LinkState state in _links.Values)
            Send(state);
        foreach (PlannedService service in _services)
        {
            if (service.Links.All(each => _links.TryGetValue(each.Link.Index, out LinkState? state) && state.Responder.IsUp(service.TcpPort)))
                _board.Announced(service, By, _names.Instance(service.TcpPort, _attempts.GetValueOrDefault(service.TcpPort, 1)));
        }
        Arm();
    }

    private void Arm()
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
