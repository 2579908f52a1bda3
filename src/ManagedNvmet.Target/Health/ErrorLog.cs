using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Health;

/// <summary>The Error Information log of one controller: a ring of the last errors, and a count of all.</summary>
/// <remarks>From any thread. Bounded, and allocates nothing after it was made: a host chooses how often it makes errors.</remarks>
public sealed class ErrorLog
{
    /// <summary>Parameter Error Location of an error that lies in no one field.</summary>
    public const ushort NoLocation = 0xFFFF;

    private const byte TransportTcp = 3;

    private readonly Lock _gate = new();
    private readonly ErrorLogEntry[] _ring;
    private ulong _count;

    /// <summary>Makes an empty log.</summary>
    /// <param name="capacity">Entries that are kept, 1 to 256: ELPE + 1.</param>
    public ErrorLog(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 256);
        _ring = new ErrorLogEntry[capacity];
    }

    /// <summary>Errors since the controller was made, those included that have been pushed out.</summary>
    public ulong LifetimeCount
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Adds an error of a command.</summary>
    /// <param name="queueId">QID, 0 for the admin queue.</param>
    /// <param name="entry">The command.</param>
    /// <param name="status">How it was completed.</param>
    /// <param name="location">The byte (bits 7:0) and bit (bits 10:8) of the entry that was wrong, or <see cref="NoLocation"/>.</param>
    public void Add(int queueId, in SubmissionEntry entry, NvmeStatus status, ushort location = NoLocation)
    {
        lock (_gate)
        {
            ref ErrorLogEntry slot = ref _ring[(int)(_count % (ulong)_ring.Length)];
            _count++;
            slot = default;
            slot.ErrorCount = _count;
            slot.SubmissionQueueId = (ushort)queueId;
            slot.CommandId = entry.CommandId;
            slot.Status = status.Value;
            slot.ParameterErrorLocation = location;

            // Dwords 10 and 11 are a block address in the commands of the NVM command set only.
            slot.Lba = queueId != 0 && !entry.IsFabrics ? entry.Cdw10And11 : 0ul;
            slot.NamespaceId = entry.IsFabrics ? 0 : entry.NamespaceId;
            slot.TransportType = TransportTcp;
            slot.Opcode = entry.Opcode;
            slot.Version = 1;
        }
    }

    /// <summary>Reads a part of the log page: whole entries in the order newest to oldest, then zeros.</summary>
    /// <returns>Invalid Field when <paramref name="offset"/> is greater than the length of the page.</returns>
    public NvmeStatus Read(ulong offset, Span<byte> destination)
    {
        destination.Clear();
        ulong pageBytes = (ulong)_ring.Length * ErrorLogEntry.Size;
        if (offset > pageBytes)
            return NvmeStatus.InvalidField;
        lock (_gate)
        {
            ulong kept = Math.Min(_count, (ulong)_ring.Length);
            ulong index = offset / ErrorLogEntry.Size;
            int skipped = (int)(offset % ErrorLogEntry.Size);
            for (; index < kept && !destination.IsEmpty; index++)
            {
                ErrorLogEntry entry = _ring[(int)((_count - 1 - index) % (ulong)_ring.Length)];
                ReadOnlySpan<byte> part = WireStruct.Bytes(ref entry)[skipped..];
                int copied = Math.Min(part.Length, destination.Length);
                part[..copied].CopyTo(destination);
                destination = destination[copied..];
                skipped = 0;
            }
        }
        return NvmeStatus.Success;
    }
}
