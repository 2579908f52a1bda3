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

    private readonly AnnouncerOptions options;
    private readonly ServiceNames names;
    private readonly AnnouncementBoard board;
    private readonly Lock gate = new();
    private readonly Dictionary<int, LinkState> links = [];
    private readonly Dictionary<int, int> attempts = [];

    // Also addresses that a port had a moment ago: our own words come back to us, perhaps when the address is gone already.
    private readonly Dictionary<int, HashSet<IPAddress>> addresses = [];
    private readonly DnsName type;
    private readonly ITimer timer;
    private readonly MdnsSocket? socketV4;
    private readonly MdnsSocket? socketV6;
    private readonly Task receiving;
    private IReadOnlyList<PlannedService> services = [];
    private bool isClosed;

    /// <exception cref="AnnouncingException">The port is not to be had.</exception>
    public OwnCarrier(AnnouncerOptions options, ServiceNames names, AnnouncementBoard board)
    {
        this.options = options;
        this.names = names;
        this.board = board;
        type = DnsName.Of([.. options.ServiceType.Split('.'), Domain]);
        socketV4 = Open(AddressFamily.InterNetwork, out SocketException? faultV4);
        socketV6 = Open(AddressFamily.InterNetworkV6, out _);
        if (socketV4 is null && socketV6 is null)
        {
            throw new AnnouncingException(
                $"UDP port {MdnsSocket.Port} is not to be had ({faultV4!.Message}); another mDNS responder may keep it for itself.", faultV4);
        }
        timer = options.Time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        receiving = Task.WhenAll(
            socketV4?.ReceiveAsync(OnMessage) ?? Task.CompletedTask,
            socketV6?.ReceiveAsync(OnMessage) ?? Task.CompletedTask);
    }

    private long Now => (long)options.Time.GetElapsedTime(0).TotalMilliseconds;

    public Task PublishAsync(IReadOnlyList<PlannedService> services, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            foreach (PlannedService gone in this.services.Where(old => !services.Any(each => each.TcpPort == old.TcpPort)))
            {
                attempts.Remove(gone.TcpPort);
                addresses.Remove(gone.TcpPort);
                board.Withdrawn(gone.TcpPort);
            }
            this.services = services;
            foreach (PlannedService service in services)
                RememberAddresses(service);
            NetworkLink[] wanted = [.. services.SelectMany(service => service.Links).Select(each => each.Link).DistinctBy(link => link.Index)];
            foreach (int gone in links.Keys.Except(wanted.Select(link => link.Index)).ToArray())
            {
                // A link that is still there hears the goodbye; one that is gone cannot.
                links[gone].Responder.Stop();
                Send(links[gone]);
                links.Remove(gone);
            }
            foreach (NetworkLink link in wanted)
            {
                if (!links.TryGetValue(link.Index, out LinkState? state))
                    links.Add(link.Index, state = new LinkState(new MdnsResponder(Random.Shared.Next)));
                state.Link = link;
            }
            Join(socketV4, AddressFamily.InterNetwork);
            Join(socketV6, AddressFamily.InterNetworkV6);
            foreach (PlannedService service in services)
            {
                if (board.Find(service.TcpPort) is not { IsAnnounced: true, By: By })
                    board.Pending(service.TcpPort, "Its name is being asked for.");
            }
            SetServices();
        }
        return Task.CompletedTask;
    }

    public Task WithdrawAsync()
    {
        lock (gate)
        {
            foreach (LinkState state in links.Values)
            {
                state.Responder.Stop();
                Send(state);
            }
            links.Clear();
            foreach (PlannedService service in services)
                board.Withdrawn(service.TcpPort);
            services = [];
        }
        return Task.CompletedTask;
    }

    /// <summary>Falls silent, without a goodbye.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isClosed = true;
            links.Clear();
        }
        await timer.DisposeAsync().ConfigureAwait(false);
        socketV4?.Dispose();
        socketV6?.Dispose();
        await receiving.ConfigureAwait(false);
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
            socket?.Join([.. links.Values.Select(state => state.Link!)
                .Where(link => link.Addresses.Any(each => each.Address.AddressFamily == family)).Select(link => link.Index)]);
        }
        catch (SocketException exception)
        {
            throw new AnnouncingException($"A multicast group cannot be joined ({exception.Message}).", exception);
        }
    }

    private void SetServices()
    {
        foreach (LinkState state in links.Values)
        {
            state.Responder.SetServices([.. services.Select(service => OnLink(service, state.Link!)).OfType<LinkService>()], Now);
            state.Responder.Advance(Now);
        }
        Settle();
    }

    private void RememberAddresses(PlannedService service)
    {
        HashSet<IPAddress> now = [.. service.Links.SelectMany(each => each.Addresses)];
        if (addresses.TryGetValue(service.TcpPort, out HashSet<IPAddress>? before) && before.Count < MaxAddresses)
            now.UnionWith(before);
        addresses[service.TcpPort] = now;
    }

    private LinkService? OnLink(PlannedService service, NetworkLink link)
    {
        if (service.Links.FirstOrDefault(each => each.Link.Index == link.Index) is not { } planned)
            return null;
        int attempt = attempts.GetValueOrDefault(service.TcpPort, 1);
        return new LinkService(
            service.TcpPort,
            DnsName.Of([names.Instance(service.TcpPort, attempt), .. options.ServiceType.Split('.'), Domain]),
            DnsName.Of(names.Host(service.TcpPort, attempt), Domain),
            type,
            options.Texts,
            planned.Addresses,
            addresses[service.TcpPort]);
    }

    private void OnTimer()
    {
        lock (gate)
        {
            foreach (LinkState state in links.Values)
                state.Responder.Advance(Now);
            Settle();
        }
    }

    private void OnMessage(ReadOnlyMemory<byte> bytes, IPEndPoint source, int index, bool isMulticast)
    {
        lock (gate)
        {
            if (!links.TryGetValue(index, out LinkState? state))
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
        if (isClosed)
            return;
        HashSet<int> lost = [];
        foreach (LinkState state in links.Values)
        {
            while (state.Responder.TryTakeLost(out int tcpPort))
                lost.Add(tcpPort);
        }
        foreach (int tcpPort in lost)
        {
            int attempt = attempts.GetValueOrDefault(tcpPort, 1);
            attempts[tcpPort] = attempt + 1;
            board.Renamed(tcpPort, names.Instance(tcpPort, attempt), names.Instance(tcpPort, attempt + 1), attempt);
            board.Pending(tcpPort, "Its name is being asked for.");
        }
        if (lost.Count > 0)
        {
            SetServices();
            return;
        }
        foreach (LinkState state in links.Values)
            Send(state);
        foreach (PlannedService service in services)
        {
            if (service.Links.All(each => links.TryGetValue(each.Link.Index, out LinkState? state) && state.Responder.IsUp(service.TcpPort)))
                board.Announced(service, By, names.Instance(service.TcpPort, attempts.GetValueOrDefault(service.TcpPort, 1)));
        }
        Arm();
    }

    private void Arm()
    {
        long deadline = links.Count == 0 ? OwnedRecord.Never : links.Values.Min(state => state.Responder.Deadline);
        timer.Change(
            deadline == OwnedRecord.Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(deadline - Now, 1)),
            Timeout.InfiniteTimeSpan);
    }

    private void Send(LinkState state)
    {
        while (state.Responder.TryTakeMessage(out OutgoingMessage? message))
        {
            if (message.Destination is { } destination)
            {
                MdnsSocket? socket = destination.AddressFamily == AddressFamily.InterNetworkV6 ? socketV6 : socketV4;
                socket?.TrySend(message.Bytes, state.Link!.Index, destination);
                continue;
            }
            socketV4?.TrySend(message.Bytes, state.Link!.Index, destination: null);
            socketV6?.TrySend(message.Bytes, state.Link!.Index, destination: null);
        }
    }

    private sealed class LinkState(MdnsResponder responder)
    {
        public MdnsResponder Responder { get; } = responder;

        public NetworkLink? Link { get; set; }
    }
}
