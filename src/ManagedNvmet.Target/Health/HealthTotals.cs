namespace ManagedNvmet.Target.Health;

/// <summary>Sums of what queues have done.</summary>
/// <param name="ReadBytes">Bytes that commands read.</param>
/// <param name="WrittenBytes">Bytes that commands wrote.</param>
/// <param name="ReadCommands">Read commands that succeeded.</param>
/// <param name="WriteCommands">Write commands that succeeded.</param>
/// <param name="MediaErrors">Commands that failed with a Media and Data Integrity Error.</param>
public readonly record struct HealthTotals(ulong ReadBytes, ulong WrittenBytes, ulong ReadCommands, ulong WriteCommands, ulong MediaErrors)
{
    /// <summary>What commands of one operation add.</summary>
    internal static HealthTotals Of(BlockOperation operation, (ulong Commands, ulong Bytes, ulong MediaErrors) counted) => operation switch
    {
        BlockOperation.Read => new HealthTotals(counted.Bytes, 0, counted.Commands, 0, counted.MediaErrors),
        BlockOperation.Write => new HealthTotals(0, counted.Bytes, 0, counted.Commands, counted.MediaErrors),
        _ => new HealthTotals(0, 0, 0, 0, counted.MediaErrors),
    };

    /// <summary>The sums of both.</summary>
    public static HealthTotals operator +(HealthTotals left, HealthTotals right) => new(
        left.ReadBytes + right.ReadBytes,
        left.WrittenBytes + right.WrittenBytes,
        left.ReadCommands + right.ReadCommands,
        left.WriteCommands + right.WriteCommands,
        left.MediaErrors + right.MediaErrors);
}
