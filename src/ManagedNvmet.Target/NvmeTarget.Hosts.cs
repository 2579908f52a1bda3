using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.QualityOfService;
using ManagedNvmet.Target.Sessions;
using ManagedNvmet.Target.Subsystems;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Target;

public sealed partial class NvmeTarget
{
    /// <summary>Every association there is, discovery included: a snapshot, in no order.</summary>
    public IReadOnlyList<Session> GetSessions()
    {
        var sessions = new List<Session>();
        foreach (Controller controller in Discovery.Controllers)
            sessions.Add(controller.GetSession());
        foreach (Subsystem subsystem in _subsystems)
        {
            foreach (Controller controller in subsystem.Controllers)
                sessions.Add(controller.GetSession());
        }
        return sessions;
    }

    /// <summary>Ends an association. Its host connects again by itself, unless it is not let in any more.</summary>
    /// <returns>False when there is no such association.</returns>
    public bool EndSession(Nqn subsystem, ushort controllerId)
    {
        if (Find(subsystem)?.ControllerSet.Find(controllerId) is not { } controller)
            return false;
        controller.EndBecause("an operator asked for it");
        return true;
    }

    /// <summary>Limits of one host in place of <see cref="TargetLimits.Host"/>; null for those. What the host holds already it
    /// keeps.</summary>
    public void SetHostLimits(Nqn host, HostLimits? limits) => Hosts.SetLimits(host, limits);

    /// <summary>Limits how fast a host may use all its namespaces together; null for no limit. In force at once.</summary>
    /// <exception cref="ArgumentException">The limits are not sound.</exception>
    public void SetQualityOfService(Nqn host, QualityOfServiceLimits? limits)
    {
        if (limits?.Validate() is { } problem)
            throw new ArgumentException($"{problem}.", nameof(limits));
        lock (_gate)
        {
            // Commands that wait for the one that is there go on as its new limits say.
            if (_hostThrottles.TryGetValue(host, out Throttle? throttle))
                throttle.SetLimits(limits);
            if (limits is null)
                _hostThrottles.TryRemove(host, out _);
            else if (throttle is null)
                _hostThrottles[host] = new Throttle(limits);
        }
        foreach (Subsystem subsystem in _subsystems)
            subsystem.UpdateViews();
    }

    internal Throttle? HostThrottle(Nqn host) => _hostThrottles.IsEmpty ? null : _hostThrottles.GetValueOrDefault(host);

    internal void NoteDuplicate(DuplicateHost seen)
    {
        DuplicateHosts.Add(seen);
        if (RefusalLimiter.TryEnter())
        {
            LogDuplicate(Logger, seen.HostNqn, seen.FirstEndPoint?.ToString() ?? "this process", seen.FirstHostId,
                seen.SecondEndPoint?.ToString() ?? "this process", seen.SecondHostId, seen.SubsystemNqn);
        }
    }

    [LoggerMessage(51, LogLevel.Warning, "Two hosts seem to have the name {HostNqn}: one at {FirstAddress} with host identifier "
        + "{FirstHostId} is connected, and one at {SecondAddress} with host identifier {SecondHostId} connects to {SubsystemNqn}. Hosts "
        + "that share a name can destroy each other's data: give each its own (nvme gen-hostnqn). See DuplicateHosts")]
    private static partial void LogDuplicate(ILogger logger, string hostNqn, string firstAddress, Guid firstHostId, string secondAddress,
        Guid secondHostId, Nqn subsystemNqn);
}
