namespace ManagedNvmet.Announcing.Responding;

/// <summary>How far a service has come on a link.</summary>
internal enum ServicePhase
{
    /// <summary>Others are asked whether they have its names; nothing is answered yet.</summary>
    Probing,

    /// <summary>Its names are its own, and are told a few times without being asked for.</summary>
    Announcing,

    /// <summary>It is told to who asks.</summary>
    Announced,

    /// <summary>Somebody else has one of its names; it waits for others.</summary>
    Lost,
}
