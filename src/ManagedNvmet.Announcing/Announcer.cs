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
    private readonly AnnouncerOptions options;
    private readonly AnnouncementBoard board;
    private readonly ServiceNames names;
    private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;
    private volatile IReadOnlyList<IPEndPoint> listening = [];
    private volatile AnnouncementPlan plan = AnnouncementPlan.Make([], []);
    private AvahiBus? bus;
    private ICarrier? carrier;
    private bool isStopped;

    /// <summary>Begins; nothing is announced before <see cref="SetListening"/>.</summary>
    public Announcer(AnnouncerOptions options, ILogger logger)
    {
        this.options = options;
        board = new AnnouncementBoard(options, logger);
        names = new ServiceNames(options.MachineName);
        running = options.Mode == MdnsMode.Off ? Task.CompletedTask : Task.Run(RunAsync);
    }

    /// <summary>Replaces the addresses that are listened on. An address of the loopback is never announced.</summary>
    public void SetListening(IReadOnlyList<IPEndPoint> endPoints)
    {
        listening = endPoints;
        Wake();
    }

    /// <summary>How an address is doing.</summary>
    public AnnouncementState StateOf(IPEndPoint endPoint) =>
        options.Mode == MdnsMode.Off ? new AnnouncementState(null, null, "Announcing is off.")
        : plan.Reasons.TryGetValue(endPoint, out string? reason) ? new AnnouncementState(null, null, reason)
        : board.Find(endPoint.Port) ?? new AnnouncementState(null, null, "It will be announced in a moment.");

    /// <summary>Says goodbye and ends.</summary>
    public async Task StopAsync()
    {
        if (isStopped)
            return;
        isStopped = true;
        await stopping.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        stopping.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private void Wake() => wakes.Writer.TryWrite(true);

    private async Task RunAsync()
    {
        NetworkAddressChangedEventHandler onChange = (_, _) => Wake();
        NetworkChange.NetworkAddressChanged += onChange;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                bool isDone = await TryPublishAsync().ConfigureAwait(false);
                await WaitAsync(isDone ? Timeout.InfiniteTimeSpan : options.RetryInterval).ConfigureAwait(false);
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
            plan = AnnouncementPlan.Make(listening, NetworkLink.ReadAll());
            if (plan.Services.Count == 0 && carrier is null)
                return true;
            await ChooseCarrierAsync().ConfigureAwait(false);
            await carrier!.PublishAsync(plan.Services, stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is AnnouncingException or NetworkInformationException)
        {
            board.Failed(plan.Services, exception.Message);
            return false;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever it is: disks are served without it.
            board.Failed(plan.Services, $"{exception.GetType().Name}: {exception.Message}");
            return false;
        }
    }

    private async Task WaitAsync(TimeSpan longest)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        Task woken = wakes.Reader.ReadAsync(wait.Token).AsTask();
        await Task.WhenAny(woken, Task.Delay(longest, options.Time, wait.Token)).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        stopping.Token.ThrowIfCancellationRequested();
    }

    private async Task ChooseCarrierAsync()
    {
        bool isAvahiThere = options.Mode != MdnsMode.Own && await FindAvahiAsync().ConfigureAwait(false);
        if (isAvahiThere && !(carrier is AvahiCarrier known && known.IsOf(bus!)))
        {
            // Without a goodbye: avahi takes over the same names a moment later.
            await DropAsync().ConfigureAwait(false);
            carrier = new AvahiCarrier(bus!, options, names, board, Wake);
        }
        else if (!isAvahiThere && carrier is not OwnCarrier)
        {
            await DropAsync().ConfigureAwait(false);
            if (options.Mode == MdnsMode.Avahi)
                throw new AnnouncingException("The avahi daemon does not run, or the system's D-Bus cannot be reached.");
            carrier = new OwnCarrier(options, names, board);
        }
    }

    private async Task<bool> FindAvahiAsync()
    {
        if (bus is { IsOpen: false })
        {
            bus.Dispose();
            bus = null;
        }
        bus ??= await AvahiBus.TryOpenAsync(Wake).ConfigureAwait(false);
        return bus is not null && await bus.HasAvahiAsync().ConfigureAwait(false);
    }

    private async Task DropAsync()
    {
        ICarrier? old = carrier;
        carrier = null;
        if (old is not null)
            await old.DisposeAsync().ConfigureAwait(false);
    }

    private async Task EndAsync()
    {
        try
        {
            if (carrier is not null)
                await carrier.WithdrawAsync().ConfigureAwait(false);
            await DropAsync().ConfigureAwait(false);
        }
        catch (AnnouncingException exception)
        {
            board.Warn($"The goodbye was not sent: {exception.Message}");
        }
        bus?.Dispose();
    }
}
