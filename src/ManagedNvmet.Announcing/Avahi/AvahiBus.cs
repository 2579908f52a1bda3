using Tmds.DBus.Protocol;

namespace ManagedNvmet.Announcing.Avahi;

/// <summary>The connection to the system D-Bus, with the calls to the avahi daemon that the publisher needs.</summary>
internal sealed class AvahiBus : IDisposable
{
    private const string BusInterface = "org.freedesktop.DBus";
    private const string Service = "org.freedesktop.Avahi";
    private const string ServerInterface = "org.freedesktop.Avahi.Server";
    private const string GroupInterface = "org.freedesktop.Avahi.EntryGroup";
    private const string ServerPath = "/";
    private const int AnyProtocol = -1;

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly DBusConnection _connection;
    private volatile bool _isClosed;
    private int _generation;

    private delegate void Body(ref MessageWriter writer);

    private AvahiBus(DBusConnection connection) => _connection = connection;

    /// <summary>True while the connection is open.</summary>
    public bool IsOpen => !_isClosed;

    /// <summary>Changes each time the daemon starts or stops. A daemon knows nothing of the groups of an earlier generation.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Connects to the system bus.</summary>
    /// <param name="requestUpdate">Called from a D-Bus thread when the daemon starts, stops or changes its state, and when the connection
    /// ends.</param>
    /// <returns>The connection, or null when the machine has no system bus or the bus does not respond.</returns>
    public static async Task<AvahiBus?> TryOpenAsync(Action requestUpdate)
    {
        if (DBusAddress.System is not { } address)
            return null;
        var connection = new DBusConnection(address);
        var bus = new AvahiBus(connection);
        try
        {
            await connection.ConnectAsync().AsTask().WaitAsync(CallTimeout).ConfigureAwait(false);
            Action onOwner = () =>
            {
                Interlocked.Increment(ref bus._generation);
                requestUpdate();
            };
            await bus.WatchAsync(BusInterface, "/org/freedesktop/DBus", BusInterface, "NameOwnerChanged", Service, onOwner)
                .ConfigureAwait(false);
            await bus.WatchAsync(Service, ServerPath, ServerInterface, "StateChanged", argument: null, requestUpdate).ConfigureAwait(false);
            return bus;
        }
        catch (Exception exception) when (IsBusFault(exception))
        {
            bus.Dispose();
            return null;
        }
    }

    /// <summary>Returns true when the avahi daemon is running.</summary>
    public async Task<bool> IsAvahiRunningAsync()
    {
        try
        {
            string[] names = await _connection.ListServicesAsync().WaitAsync(CallTimeout).ConfigureAwait(false);
            return names.Contains(Service, StringComparer.Ordinal);
        }
        catch (Exception exception) when (IsBusFault(exception))
        {
            _isClosed = true;
            return false;
        }
    }

    /// <summary>Returns true when the daemon has established its own host name and accepts services.</summary>
    /// <exception cref="AnnouncingException">The daemon does not respond.</exception>
    public async Task<bool> IsReadyAsync()
    {
        const int Running = 2;
        return await CallAsync(
            Call(ServerPath, ServerInterface, "GetState", null, null),
            static (message, _) => message.GetBodyReader().ReadInt32()).ConfigureAwait(false) == Running;
    }

    /// <summary>Returns the domain in which the daemon publishes names, nearly always <c>local</c>.</summary>
    /// <exception cref="AnnouncingException">The daemon does not respond.</exception>
    public Task<string> GetDomainAsync() => CallAsync(
        Call(ServerPath, ServerInterface, "GetDomainName", null, null),
        static (message, _) => message.GetBodyReader().ReadString());

    /// <summary>Creates an entry group: records that the daemon publishes together. Returns its object path.</summary>
    /// <exception cref="AnnouncingException">The daemon refuses or does not respond.</exception>
    public Task<string> NewGroupAsync() => CallAsync(
        Call(ServerPath, ServerInterface, "EntryGroupNew", null, null),
        static (message, _) => message.GetBodyReader().ReadObjectPathAsString());

    /// <summary>Calls <paramref name="onState"/> with each new state of an entry group, from a D-Bus thread, until the returned object is
    /// disposed.</summary>
    public ValueTask<IDisposable> WatchGroupAsync(string path, Action<int> onState) => _connection.AddMatchAsync(
        new MatchRule { Type = MessageType.Signal, Sender = Service, Path = path, Interface = GroupInterface, Member = "StateChanged" },
        static (message, _) => message.GetBodyReader().ReadInt32(),
        (Notification<int> notification) =>
        {
            if (notification.HasValue)
                onState(notification.Value);
        },
        emitOnCapturedContext: false,
        ObserverFlags.None);

    /// <summary>Calls a method without arguments on an entry group.</summary>
    /// <exception cref="AnnouncingException">The daemon refuses or does not respond.</exception>
    public Task CallGroupAsync(string path, string method) => CallAsync(Call(path, GroupInterface, method, null, null));

    /// <summary>Adds an address record to an entry group.</summary>
    /// <exception cref="AnnouncingException">The daemon refuses or does not respond.</exception>
    /// <exception cref="NameTakenException">Another program of this machine publishes the name through the daemon.</exception>
    public Task AddAddressAsync(string path, int link, string host, string address)
    {
        // AVAHI_PUBLISH_NO_REVERSE: reverse lookups of the address still return the machine's own name.
        const uint NoReverse = 16;
        return CallAsync(Call(path, GroupInterface, "AddAddress", "iiuss", (ref MessageWriter writer) =>
        {
            writer.WriteInt32(link);
            writer.WriteInt32(AnyProtocol);
            writer.WriteUInt32(NoReverse);
            writer.WriteString(host);
            writer.WriteString(address);
        }));
    }

    /// <summary>Adds a service to an entry group.</summary>
    /// <exception cref="AnnouncingException">The daemon refuses or does not respond.</exception>
    /// <exception cref="NameTakenException">Another program of this machine publishes the name through the daemon.</exception>
    public Task AddServiceAsync(string path, int link, string name, string type, string host, int port, IReadOnlyList<byte[]> texts) =>
        CallAsync(Call(path, GroupInterface, "AddService", "iiussssqaay", (ref MessageWriter writer) =>
        {
            writer.WriteInt32(link);
            writer.WriteInt32(AnyProtocol);
            writer.WriteUInt32(0);
            writer.WriteString(name);
            writer.WriteString(type);
            writer.WriteString("");
            writer.WriteString(host);
            writer.WriteUInt16((ushort)port);
            ArrayStart all = writer.WriteArrayStart(DBusType.Array);
            foreach (byte[] text in texts)
                writer.WriteArray(text);
            writer.WriteArrayEnd(all);
        }));

    public void Dispose()
    {
        _isClosed = true;
        _connection.Dispose();
    }

    private static bool IsBusFault(Exception exception) =>
        exception is DBusExceptionBase or TimeoutException or ObjectDisposedException or System.Net.Sockets.SocketException or IOException;

    private async Task WatchAsync(string sender, string path, string @interface, string member, string? argument, Action requestUpdate)
    {
        ValueTask<IDisposable> added = _connection.AddMatchAsync(
            new MatchRule
            {
                Type = MessageType.Signal,
                Sender = sender,
                Path = path,
                Interface = @interface,
                Member = member,
                Arg0 = argument,
            },
            (Notification notification) =>
            {
                if (notification.IsCompletion)
                    _isClosed = true;
                requestUpdate();
            },
            emitOnCapturedContext: false,
            ObserverFlags.EmitOnConnectionClosed | ObserverFlags.EmitOnConnectionFailed);
        await added.AsTask().WaitAsync(CallTimeout).ConfigureAwait(false);
    }

    private MessageBuffer Call(string path, string @interface, string method, string? signature, Body? body)
    {
        MessageWriter writer = _connection.GetMessageWriter();
        try
        {
            writer.WriteMethodCallHeader(Service, path, @interface, method, signature);
            body?.Invoke(ref writer);
            return writer.CreateMessage();
        }
        finally
        {
            writer.Dispose();
        }
    }

    private async Task<T> CallAsync<T>(MessageBuffer call, MessageValueReader<T> read)
    {
        try
        {
            return await _connection.CallMethodAsync(call, read).WaitAsync(CallTimeout).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsBusFault(exception))
        {
            throw Fault(exception);
        }
    }

    private async Task CallAsync(MessageBuffer call)
    {
        try
        {
            await _connection.CallMethodAsync(call).WaitAsync(CallTimeout).ConfigureAwait(false);
        }
        catch (DBusErrorReplyException exception) when (exception.ErrorName == "org.freedesktop.Avahi.CollisionError")
        {
            throw new NameTakenException();
        }
        catch (Exception exception) when (IsBusFault(exception))
        {
            throw Fault(exception);
        }
    }

    private AnnouncingException Fault(Exception exception)
    {
        if (exception is DBusConnectionException or ObjectDisposedException)
            _isClosed = true;
        return new AnnouncingException($"A call to the avahi daemon failed: {exception.Message}", exception);
    }
}
