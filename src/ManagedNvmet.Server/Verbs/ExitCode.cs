namespace ManagedNvmet.Server.Verbs;

/// <summary>What the process ends with; scripts rely on it.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Not done; the message says why.</summary>
    public const int Failed = 1;

    /// <summary>Wrong arguments.</summary>
    public const int Usage = 2;

    /// <summary>No server answers.</summary>
    public const int NoServer = 3;

    /// <summary>Somebody else changed the configuration in the meantime.</summary>
    public const int Conflict = 4;
}
