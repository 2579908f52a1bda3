using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Controllers;

/// <summary>Makes sure that the thread of a controller's admin queue has processed everything that its sockets held: if the host had closed
/// the admin connection by then, the state of the controller says so.</summary>
/// <remarks>The thread may be in the middle of a round, with its ready sockets already collected. Work that posted work posts runs in the
/// next round, so a second post makes sure that a whole collection lies between.</remarks>
internal static class ControllerVisit
{
    private static readonly Action<object?> SecondPosted = static state => ((Countdown)state!).Acknowledge();

    private static readonly Action<object?> FirstPosted = static state =>
    {
        var (controller, visits) = (Tuple<Controller, Countdown>)state!;
        controller.AdminQueue.Connection.Scheduler.Post(SecondPosted, visits);
    };

    /// <summary>Begins a visit, which acknowledges once. From any thread.</summary>
    public static void Begin(Controller controller, Countdown visits)
    {
        visits.Add();
        controller.AdminQueue.Connection.Scheduler.Post(FirstPosted, Tuple.Create(controller, visits));
    }
}
