namespace ManagedNvmet.Target.Health;

/// <summary>Sums over the commands of queues.</summary>
public readonly record struct HealthTotals
{
    /// <summary>Bytes that commands read.</summary>
    public ulong ReadBytes { get; init; }

    /// <summary>Bytes that commands wrote.</summary>
    public ulong WrittenBytes { get; init; }

    /// <summary>Read commands that succeeded.</summary>
    public ulong ReadCommands { get; init; }

    /// <summary>Write commands that succeeded.</summary>
    public ulong WriteCommands { get; init; }

    /// <summary>Commands that failed with a Media and Data Integrity Error.</summary>
    public ulong MediaErrors { get; init; }

    /// <summary>Commands that failed in the device: <see cref="MediaErrors"/>, and those of a store that is full or gone.</summary>
    public ulong DeviceErrors { get; init; }

    /// <summary>Adds both, field by field.</summary>
    public static HealthTotals operator +(HealthTotals left, HealthTotals right) => new()
    {
        ReadBytes = left.ReadBytes + right.ReadBytes,
        WrittenBytes = left.WrittenBytes + right.WrittenBytes,
        ReadCommands = left.ReadCommands + right.ReadCommands,
        WriteCommands = left.WriteCommands + right.WriteCommands,
        MediaErrors = left.MediaErrors + right.MediaErrors,
        DeviceErrors = left.DeviceErrors + right.DeviceErrors,
    };
}
