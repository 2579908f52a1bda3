using System.Net;
using System.Net.NetworkInformation;
using System.Threading.Channels;
using ManagedNvmet.Announcing.Avahi;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Announcing;

/// <summary>Announces TCP ports that are listened on by multicast DNS, so that others find them without an address. Follows addresses and
/// interfaces that come and go, and an avahi daemon that starts or stops.</summary>
/// <remarks>Thread-safe. Nothing that goes wrong here is an exception for the caller: it is logged, told by <see cref="StateOf"/>, and tried
/// again.</remarks>
public sealed class Announcer : IAsyncDisposable
{
    private readonly AnnouncerOptions _options;
    private readonly AnnouncementBoard _board;
    private readonly ServiceNames _names;
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private volatile IReadOnlyList<IPEndPoint> _listening = [];
    private volatile AnnouncementPlan _plan = AnnouncementPlan.Make([], []);
    private AvahiBus? _bus;
    private ICarrier? _carrier;
    private bool _isStopped;

    /// <summary>Begins; nothing is announced before <see cref="SetListening"/>.</summary>
    public Announcer(AnnouncerOptions options, ILogger logger)
    {
        _options = options;
        _board = new AnnouncementBoard(options, logger);
        _names = new ServiceNames(options.MachineName);
        _running = options.Mode == MdnsMode.Off ? Task.CompletedTask : Task.Run(RunAsync);
    }

    /// <summary>Replaces the addresses that are listened on. An address of the loopback is never announced.</summary>
    public void SetListening(IReadOnlyList<IPEndPoint> endPoints)
    {
        _listening = endPoints;
        Wake();
    }

    /// <summary>How an address is doing.</summary>
    public AnnouncementState StateOf(IPEndPoint endPoint) =>
        _options.Mode == MdnsMode.Off ? new AnnouncementState(null, null, "Announcing is off.")
        : _plan.Reasons.TryGetValue(endPoint, out string? reason) ? new AnnouncementState(null, null, reason)
        : _board.Find(endPoint.Port) ?? new AnnouncementState(null, null, "It will be announced in a moment.");

    /// <summary>Says goodbye and ends.</summary>
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

    private void Wake() => _wakes.Writer.TryWrite(true);

    private async Task RunAsync()
    {
        NetworkAddressChangedEventHandler onChange = (_, _) => Wake();
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
            // Stopped.
        }
        finally
        {
            NetworkChange.NetworkAddressChanged -= onChange;
            await EndAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> TryPublishAsync()
    {
        try
        {
            _plan = AnnouncementPlan.Make(_listening, NetworkLink.ReadAll());
            if (_plan.Services.Count == 0 && _carrier is null)
                return true;
            await ChooseCarrierAsync().ConfigureAwait(false);
            await _carrier!.PublishAsync(_plan.Services, _stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is AnnouncingException or NetworkInformationException)
        {
            _board.Failed(_plan.Services, exception.Message);
            return false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever it is: disks are served without it.
            _board.Failed(_plan.Services, $"{exception.GetType().Name}: {exception.Message}");
            return false;
        }
    }

    private async Task WaitAsync(TimeSpan longest)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task woken = _wakes.Reader.ReadAsync(wait.Token).AsTask();
        await Task.WhenAny(woken, Task.Delay(longest, _options.Time, wait.Token)).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        _stopping.Token.ThrowIfCancellationRequested();
    }

    private async Task ChooseCarrierAsync()
    {
        bool isAvahiThere = _options.Mode != MdnsMode.Own && await FindAvahiAsync().ConfigureAwait(false);
        if (isAvahiThere && !(_carrier is AvahiCarrier known && known.IsOf(_bus!)))
        {
            // Without a goodbye: avahi takes over the same names a moment later.
            await DropAsync().ConfigureAwait(false);
            _carrier = new AvahiCarrier(_bus!, _options, _names, _board, Wake);
        }
        else if (!isAvahiThere && _carrier is not OwnCarrier)
        {
            await DropAsync().ConfigureAwait(false);
            if (_options.Mode == MdnsMode.Avahi)
                throw new AnnouncingException("The avahi daemon does not run, or the system's D-Bus cannot be reached.");
            _carrier = new OwnCarrier(_options, _names, _board);
        }
    }

    private async Task<bool> FindAvahiAsync()
    {
        if (_bus is { IsOpen: false })
        {
            _bus.Dispose();
            _bus = null;
        }
        _bus ??= await AvahiBus.TryOpenAsync(Wake).ConfigureAwait(false);
        return _bus is not null && await _bus.HasAvahiAsync().ConfigureAwait(false);
    }

    private async Task DropAsync()
    {
        ICarrier? old = _carrier;
        _carrier = null;
        if (old is not null)
            await old.DisposeAsync().ConfigureAwait(false);
    }

    private async Task EndAsync()
    {
        try
        {
            if (_carrier is not null)
                await _carrier.WithdrawAsync().ConfigureAwait(false);
            await DropAsync().ConfigureAwait(false);
        }
        catch (AnnouncingException exception)
        {
            _board.Warn($"The goodbye was not sent: {exception.Message}");
        }
        _bus?.Dispose();
    }
}
