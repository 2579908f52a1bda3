using System.Diagnostics;
using System.Runtime.InteropServices;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.LogPages;

/// <summary>What one queue pair has done, for each namespace. Made by <see cref="HealthCounters.Attach"/>.</summary>
/// <remarks>Only the queue's thread writes, with plain additions; others read. Allocates when a queue first touches a namespace,
/// never again.</remarks>
public sealed class QueueHealth
{
    private readonly HealthCounters owner;
    private Counts?[] byNamespace = [];
    private int outstanding;
    private long busySince;

    internal QueueHealth(HealthCounters owner) => this.owner = owner;

    /// <summary>An I/O command begins: the controller is busy from now on.</summary>
    /// <param name="now">Ticks of <see cref="Stopwatch"/>.</param>
    public void CommandStarted(long now)
    {
        if (outstanding++ == 0)
            busySince = now;
    }

    /// <summary>An I/O command that was counted by <see cref="CommandStarted"/> has ended.</summary>
    /// <param name="now">Ticks of <see cref="Stopwatch"/>.</param>
    public void CommandEnded(long now)
    {
        outstanding--;

        // Many end at one time, which is that of a round.
        if (now == busySince)
            return;
        owner.AddBusy(Milliseconds(busySince), Milliseconds(now));
        busySince = now;
    }

    /// <summary>Counts a command by what its row of the table says and how it ended.</summary>
    /// <param name="use">How a success counts.</param>
    /// <param name="namespaceId">NSID, 1 to FFFFFFFEh.</param>
    /// <param name="bytes">Bytes that were transferred.</param>
    /// <param name="status">How the command ended.</param>
    public void Record(HealthUse use, uint namespaceId, uint bytes, NvmeStatus status)
    {
        const int mediaErrorType = 2;
        if (!status.IsSuccess)
        {
            if (status.CodeType == mediaErrorType)
                RecordMediaError(namespaceId);
        }
        else if (use is HealthUse.Read)
        {
            RecordRead(namespaceId, bytes);
        }
        else if (use is HealthUse.Write)
        {
            RecordWrite(namespaceId, bytes);
        }
    }

    /// <summary>Counts a read that succeeded.</summary>
    public void RecordRead(uint namespaceId, uint bytes)
    {
        if (Of(namespaceId) is not { } counts)
            return;
        Add(ref counts.Cells.ReadBytes, bytes);
        Add(ref counts.Cells.ReadCommands, 1);
    }

    /// <summary>Counts a write that succeeded.</summary>
    public void RecordWrite(uint namespaceId, uint bytes)
    {
        if (Of(namespaceId) is not { } counts)
            return;
        Add(ref counts.Cells.WrittenBytes, bytes);
        Add(ref counts.Cells.WriteCommands, 1);
    }

    /// <summary>Counts a command that failed with a Media and Data Integrity Error.</summary>
    public void RecordMediaError(uint namespaceId)
    {
        if (Of(namespaceId) is { } counts)
            Add(ref counts.Cells.MediaErrors, 1);
    }

    /// <summary>The counts of one namespace. From any thread.</summary>
    internal HealthTotals Read(uint namespaceId)
    {
        Counts?[] all = Volatile.Read(ref byNamespace);
        if (namespaceId > (uint)all.Length || Volatile.Read(ref all[namespaceId - 1]) is not { } counts)
            return default;
        ref Cells cells = ref counts.Cells;
        return new HealthTotals(
            Volatile.Read(ref cells.ReadBytes),
            Volatile.Read(ref cells.WrittenBytes),
            Volatile.Read(ref cells.ReadCommands),
            Volatile.Read(ref cells.WriteCommands),
            Volatile.Read(ref cells.MediaErrors));
    }

    /// <summary>The counts of all namespaces. From any thread.</summary>
    internal HealthTotals ReadAll()
    {
        HealthTotals sum = default;
        for (uint id = 1; id <= HighestNamespaceId; id++)
            sum += Read(id);
        return sum;
    }

    /// <summary>The highest NSID that has counts, or 0. From any thread.</summary>
    internal uint HighestNamespaceId => (uint)Volatile.Read(ref byNamespace).Length;

    private static long Milliseconds(long ticks) => ticks / (Stopwatch.Frequency / 1000);

    // One writer: a plain addition is enough, and the volatile write keeps readers from seeing half of it.
    private static void Add(ref ulong cell, uint amount) => Volatile.Write(ref cell, cell + amount);

    private Counts? Of(uint namespaceId)
    {
        Counts?[] all = byNamespace;
        return namespaceId - 1 < (uint)all.Length && all[namespaceId - 1] is { } counts ? counts : Create(namespaceId);
    }

    private Counts? Create(uint namespaceId)
    {
        if (namespaceId == 0 || namespaceId > owner.MaxNamespaces)
            return null;
        if (namespaceId > (uint)byNamespace.Length)
        {
            var larger = new Counts?[namespaceId];
            byNamespace.CopyTo(larger, 0);
            Volatile.Write(ref byNamespace, larger);
        }
        var counts = new Counts();
        Volatile.Write(ref byNamespace[namespaceId - 1], counts);
        return counts;
    }

    private sealed class Counts
    {
        public Cells Cells;
    }

    // As large as two cache lines, so that no two queues write into one.
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Cells
    {
        public ulong ReadBytes;
        public ulong WrittenBytes;
        public ulong ReadCommands;
        public ulong WriteCommands;
        public ulong MediaErrors;
    }
}
