namespace ManagedNvmet.Target.Commands;

/// <summary>How a command that succeeds counts in the SMART / Health Information log page.</summary>
public enum HealthUse
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>As a read: Data Units Read and Host Read Commands.</summary>
    Read,

    /// <summary>As a write: Data Units Written and Host Write Commands.</summary>
    Write,
}
