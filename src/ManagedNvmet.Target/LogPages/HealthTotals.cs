namespace ManagedNvmet.Target.LogPages;

/// <summary>Sums of what queues have done.</summary>
/// <param name="ReadBytes">Bytes that commands read.</param>
/// <param name="WrittenBytes">Bytes that commands wrote.</param>
/// <param name="ReadCommands">Read commands that succeeded.</param>
/// <param name="WriteCommands">Write commands that succeeded.</param>
/// <param name="MediaErrors">Commands that failed with a Media and Data Integrity Error.</param>
public readonly record struct HealthTotals(ulong ReadBytes, ulong WrittenBytes, ulong ReadCommands, ulong WriteCommands, ulong MediaErrors)
{
    /// <summary>The sums of both.</summary>
    public static HealthTotals operator +(HealthTotals left, HealthTotals right) => new(
        left.ReadBytes + right.ReadBytes,
        left.WrittenBytes + right.WrittenBytes,
        left.ReadCommands + right.ReadCommands,
        left.WriteCommands + right.WriteCommands,
        left.MediaErrors + right.MediaErrors);
}
