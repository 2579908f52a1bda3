using Tmds.DBus.Protocol;

namespace ManagedNvmet.Announcing.Avahi;

/// <summary>The connection to the system's D-Bus, and what is asked of the avahi daemon through it.</summary>
internal sealed class AvahiBus : IDisposable
{
    private const string Service = "org.freedesktop.Avahi";
    private const string ServerInterface = "org.freedesktop.Avahi.Server";
    private const string GroupInterface = "org.freedesktop.Avahi.EntryGroup";
    private const string ServerPath = "/";
    private const int AnyProtocol = -1;

    // Nobody waits longer for a daemon that hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly DBusConnection _connection;
    private volatile bool _isClosed;
    private int _generation;

    private delegate void Body(ref MessageWriter writer);

    private AvahiBus(DBusConnection connection) => _connection = connection;

    /// <summary>It is connected.</summary>
    public bool IsOpen => !_isClosed;

    /// <summary>Another number after each start and end of the daemon: what an earlier one was given is gone.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Connects.</summary>
    /// <param name="wake">Called when the daemon starts, stops, or changes its state, and when the connection ends.</param>
    /// <returns>Null where there is no system bus.</returns>
    public static async Task<AvahiBus?> TryOpenAsync(Action wake)
    {
        if (DBusAddress.System is not { } address)
            return null;
        var connection = new DBusConnection(address);
        var bus = new AvahiBus(connection);
        try
        {
            await connection.ConnectAsync().AsTask().WaitAsync(Patience).ConfigureAwait(false);
            Action onOwner = () =>
            {
                Interlocked.Increment(ref bus._generation);
                wake();
            };
            await bus.WatchAsync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged", Service, onOwner)
                .ConfigureAwait(false);
            await bus.WatchAsync(Service, ServerPath, ServerInterface, "StateChanged", argument: null, wake).ConfigureAwait(false);
            return bus;
        }
        catch (Exception exception) when (IsBusFault(exception))
        {
            bus.Dispose();
            return null;
        }
    }

    /// <summary>The daemon runs.</summary>
    public async Task<bool> HasAvahiAsync()
    {
        try
        {
            string[] names = await _connection.ListServicesAsync().WaitAsync(Patience).ConfigureAwait(false);
            return names.Contains(Service, StringComparer.Ordinal);
        }
        catch (Exception exception) when (IsBusFault(exception))
        {
            _isClosed = true;
            return false;
        }
    }

    /// <summary>The daemon knows its own name and takes services.</summary>
    /// <exception cref="AnnouncingException">It does not answer.</exception>
    public async Task<bool> IsReadyAsync()
    {
        const int Running = 2;
        return await AskAsync(
            Call(ServerPath, ServerInterface, "GetState", null, null),
            static (message, _) => message.GetBodyReader().ReadInt32()).ConfigureAwait(false) == Running;
    }

    /// <summary>The domain that names are published in: nearly always <c>local</c>.</summary>
    /// <exception cref="AnnouncingException">It does not answer.</exception>
    public Task<string> GetDomainAsync() => AskAsync(
        Call(ServerPath, ServerInterface, "GetDomainName", null, null),
        static (message, _) => message.GetBodyReader().ReadString());

    /// <summary>Makes a group of records that are published together.</summary>
    /// <exception cref="AnnouncingException">It does not want to.</exception>
    public Task<string> NewGroupAsync() => AskAsync(
        Call(ServerPath, ServerInterface, "EntryGroupNew", null, null),
        static (message, _) => message.GetBodyReader().ReadObjectPathAsString());

    /// <summary>Watches how a group is doing.</summary>
    public ValueTask<IDisposable> WatchGroupAsync(string path, Action<int> onState) => _connection.AddMatchAsync(
        new MatchRule { Type = MessageType.Signal, Sender = Service, Path = path, Interface = GroupInterface, Member = "StateChanged" },
        static (message, _) => message.GetBodyReader().ReadInt32(),
        (Notification<int> told) =>
        {
            if (told.HasValue)
                onState(told.Value);
        },
        emitOnCapturedContext: false,
        ObserverFlags.None);

    /// <summary>Calls a method of a group that has no arguments.</summary>
    /// <exception cref="AnnouncingException">It does not want to.</exception>
    public Task GroupAsync(string path, string method) => TellAsync(Call(path, GroupInterface, method, null, null));

    /// <summary>Adds an address to a group.</summary>
    /// <exception cref="AnnouncingException">It does not want to.</exception>
    /// <exception cref="NameTakenException">Another program of this machine has the name.</exception>
    public Task AddAddressAsync(string path, int link, string host, string address)
    {
        // The address keeps the machine's own name in the other direction.
        const uint NoReverse = 16;
        return TellAsync(Call(path, GroupInterface, "AddAddress", "iiuss", (ref MessageWriter writer) =>
        {
            writer.WriteInt32(link);
            writer.WriteInt32(AnyProtocol);
            writer.WriteUInt32(NoReverse);
            writer.WriteString(host);
            writer.WriteString(address);
        }));
    }

    /// <summary>Adds a service to a group.</summary>
    /// <exception cref="AnnouncingException">It does not want to.</exception>
    /// <exception cref="NameTakenException">Another program of this machine has the name.</exception>
    public Task AddServiceAsync(string path, int link, string name, string type, string host, int port, IReadOnlyList<byte[]> texts) =>
        TellAsync(Call(path, GroupInterface, "AddService", "iiussssqaay", (ref MessageWriter writer) =>
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

    private async Task WatchAsync(string sender, string path, string @interface, string member, string? argument, Action wake)
    {
        await _connection.AddMatchAsync(
            new MatchRule
            {
                Type = MessageType.Signal,
                Sender = sender,
                Path = path,
                Interface = @interface,
                Member = member,
                Arg0 = argument,
            },
            (Notification told) =>
            {
                if (told.IsCompletion)
                    _isClosed = true;
                wake();
            },
            emitOnCapturedContext: false,
            ObserverFlags.EmitOnConnectionClosed | ObserverFlags.EmitOnConnectionFailed).AsTask().WaitAsync(Patience).ConfigureAwait(false);
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

    private async Task<T> AskAsync<T>(MessageBuffer call, MessageValueReader<T> read)
    {
        try
        {
            return await _connection.CallMethodAsync(call, read).WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsBusFault(exception))
        {
            throw Fault(exception);
        }
    }

    private async Task TellAsync(MessageBuffer call)
    {
        try
        {
            await _connection.CallMethodAsync(call).WaitAsync(Patience).ConfigureAwait(false);
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
        return new AnnouncingException($"The avahi daemon does not do as it is asked: {exception.Message}", exception);
    }
}
