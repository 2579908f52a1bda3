using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Queues;
using ManagedNvmet.Target.Subsystems;

namespace ManagedNvmet.Target.Controllers;

public sealed partial class Controller
{
    /// <summary>Takes an I/O queue, or says why not. On the thread of that queue.</summary>
    internal ConnectRefusal TryAddIoQueue(QueuePair queue, ConnectFields fields)
    {
        // What the host has done wrong is told before what the target has not got; the second look is the one that counts.
        ConnectRefusal refusal = Check(fields);
        if (!refusal.IsRefused)
            refusal = Subsystem.TryAddIoQueue(HostNqn, fields.Entries);
        if (refusal.IsRefused)
            return refusal;
        lock (_gate)
        {
            refusal = CheckLocked(fields);
            if (!refusal.IsRefused)
            {
                queue.Join(this, fields.QueueId, fields.Entries);
                _ioQueues.Add(queue);
                _ioQueueCount = _ioQueues.Count;
                return refusal;
            }
        }
        Subsystem.ReleaseIoQueue(HostNqn, fields.Entries);
        return refusal;
    }

    private ConnectRefusal Check(ConnectFields fields)
    {
        lock (_gate)
            return CheckLocked(fields);
    }

    private ConnectRefusal CheckLocked(ConnectFields fields)
    {
        ConnectRefusal refusal = IoQueueRules.Check(fields, HostNqn, _hostId, IsDiscovery, _state, _configuration, Features.IoQueuesGranted);
        if (refusal.IsRefused)
            return refusal;
        return FindLocked(fields.QueueId) is not null ? IoQueueRules.QueueInUse() : ConnectRefusal.None;
    }
}
