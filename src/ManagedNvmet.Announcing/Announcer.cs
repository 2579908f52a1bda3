using System.Net;
using System.Net.NetworkInformation;
using System.Threading.Channels;
using ManagedNvmet.Announcing.Avahi;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Announcing;

/// <summary>Announces the server's TCP ports by multicast DNS, so that hosts find them without a configured address. Updates the
/// announcements when addresses or interfaces of the machine change, and when the avahi daemon starts or stops.</summary>
/// <remarks>Thread-safe. Failures do not reach the caller as exceptions. The announcer logs a failure, reports it in
/// <see cref="StateOf"/>, and retries after <see cref="AnnouncerOptions.RetryInterval"/>.</remarks>
public sealed class Announcer : IAsyncDisposable
{
    private readonly AnnouncerOptions _options;
    private readonly AnnouncementTracker _tracker;
    private readonly ServiceNames _names;
    private readonly Channel<bool> _updateRequests =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private volatile IReadOnlyList<IPEndPoint> _listening = [];
    private volatile AnnouncementPlan _plan = AnnouncementPlan.Make([], []);
    private AvahiBus? _bus;
    private IPublisher? _publisher;
    private bool _isStopped;

    /// <summary>Starts the announcer. It announces nothing before <see cref="SetListening"/> is called.</summary>
    public Announcer(AnnouncerOptions options, ILogger logger)
    {
        _options = options;
        _tracker = new AnnouncementTracker(options, logger);
        _names = new ServiceNames(options.MachineName);
        _running = options.Mode == MdnsMode.Off ? Task.CompletedTask : Task.Run(RunAsync);
    }

    /// <summary>Sets the addresses to announce, which replace the previous ones. Loopback addresses are never announced.</summary>
    /// <param name="endPoints">The addresses and TCP ports that the server listens on.</param>
    public void SetListening(IReadOnlyList<IPEndPoint> endPoints)
    {
        _listening = endPoints;
        RequestUpdate();
    }

    /// <summary>Returns the announcement state of an address.</summary>
    public AnnouncementState StateOf(IPEndPoint endPoint) =>
        _options.Mode == MdnsMode.Off ? new AnnouncementState(null, null, "Announcements are disabled.")
        : _plan.Reasons.TryGetValue(endPoint, out string? reason) ? new AnnouncementState(null, null, reason)
        : _tracker.Find(endPoint.Port) ?? new AnnouncementState(null, null, "The announcement is pending.");

    /// <summary>Withdraws all announcements and stops the announcer.</summary>
    public async Task StopAsync()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private void RequestUpdate() => _updateRequests.Writer.TryWrite(true);

    private async Task RunAsync()
    {
        NetworkAddressChangedEventHandler onChange = (_, _) => RequestUpdate();
        NetworkChange.NetworkAddressChanged += onChange;
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                bool isDone = await TryPublishAsync().ConfigureAwait(false);
                await WaitAsync(isDone ? Timeout.InfiniteTimeSpan : _options.RetryInterval).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // StopAsync was called.
        }
        finally
        {
            NetworkChange.NetworkAddressChanged -= onChange;
            await WithdrawAndCloseAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> TryPublishAsync()
    {
        try
        {
            _plan = AnnouncementPlan.Make(_listening, NetworkLink.ReadAll());
            if (_plan.Services.Count == 0 && _publisher is null)
                return true;
            await ChoosePublisherAsync().ConfigureAwait(false);
            await _publisher!.PublishAsync(_plan.Services, _stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is AnnouncingException or NetworkInformationException)
        {
            _tracker.Failed(_plan.Services, exception.Message);
            return false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // An unexpected fault of the announcements must not stop the server.
            _tracker.Failed(_plan.Services, $"{exception.GetType().Name}: {exception.Message}");
            return false;
        }
    }

    private async Task WaitAsync(TimeSpan longest)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task woken = _updateRequests.Reader.ReadAsync(wait.Token).AsTask();
        await Task.WhenAny(woken, Task.Delay(longest, _options.Time, wait.Token)).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        _stopping.Token.ThrowIfCancellationRequested();
    }

    private async Task ChoosePublisherAsync()
    {
        bool isAvahiRunning = _options.Mode != MdnsMode.Own && await FindAvahiAsync().ConfigureAwait(false);
        if (isAvahiRunning && !(_publisher is AvahiPublisher known && known.IsOf(_bus!)))
        {
            // Sends no goodbye messages, because avahi announces the same names a moment later.
            await DisposePublisherAsync().ConfigureAwait(false);
            _publisher = new AvahiPublisher(_bus!, _options, _names, _tracker, RequestUpdate);
        }
        else if (!isAvahiRunning && _publisher is not ResponderPublisher)
        {
            await DisposePublisherAsync().ConfigureAwait(false);
            if (_options.Mode == MdnsMode.Avahi)
                throw new AnnouncingException("The avahi daemon is not running, or the system D-Bus is not reachable.");
            _publisher = new ResponderPublisher(_options, _names, _tracker);
        }
    }

    private async Task<bool> FindAvahiAsync()
    {
        if (_bus is { IsOpen: false })
        {
            _bus.Dispose();
            _bus = null;
        }
        _bus ??= await AvahiBus.TryOpenAsync(RequestUpdate).ConfigureAwait(false);
        return _bus is not null && await _bus.IsAvahiRunningAsync().ConfigureAwait(false);
    }

    private async Task DisposePublisherAsync()
    {
        IPublisher? old = _publisher;
        _publisher = null;
        if (old is not null)
            await old.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WithdrawAndCloseAsync()
    {
        try
        {
            if (_publisher is not null)
                await _publisher.WithdrawAsync().ConfigureAwait(false);
            await DisposePublisherAsync().ConfigureAwait(false);
        }
        catch (AnnouncingException exception)
        {
            _tracker.Warn($"The announcements could not be withdrawn: {exception.Message}");
        }
        _bus?.Dispose();
    }
}
