namespace ManagedNvmet.Announcing.Responding;

/// <summary>The phases of a service's announcement on a link.</summary>
internal enum ServicePhase
{
    /// <summary>The responder asks whether another machine owns the names. It answers no queries yet.</summary>
    Probing,

    /// <summary>The service owns its names. The responder multicasts its records a few times unasked, and answers queries.</summary>
    Announcing,

    /// <summary>The responder answers queries.</summary>
    Announced,

    /// <summary>Another machine owns one of the names. The service waits for other names.</summary>
    Conflicted,
}
