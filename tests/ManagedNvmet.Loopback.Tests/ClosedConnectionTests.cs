using System.Runtime.CompilerServices;
using ManagedNvmet.Protocol.Controller;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>A connection that has ended is forgotten, however far away its deadline was.</summary>
public sealed class ClosedConnectionTests
{
    private const long KeepAliveMilliseconds = 49L * 24 * 3600 * 1000;

    [Fact]
    public void A_closed_connection_with_a_keep_alive_timeout_of_49_days_leaves_no_timer_and_is_collected()
    {
        using var served = new ServedConnection();
        WeakReference connection = CloseWithTimer(served);
        Assert.Equal(0, served.Get(() => served.Shard.TimerCount));
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                return !connection.IsAlive;
            },
            ServedConnection.Patience));
    }

    // Not inlined, so that no local of the caller keeps the connection.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference CloseWithTimer(ServedConnection served)
    {
        served.Connect();
        served.Run(() =>
        {
            served.Queue.Deadline = served.Shard.Now + KeepAliveMilliseconds;
            served.Queue.Connection.DeadlineChanged();
        });
        Assert.True(SpinWait.SpinUntil(() => served.Get(() => served.Shard.TimerCount) == 1, ServedConnection.Patience));
        served.Host.Close();
        served.AwaitClosed();
        ControllerConnection connection = served.Queue.Connection;
        served.ForgetQueue();
        return new WeakReference(connection);
    }
}
