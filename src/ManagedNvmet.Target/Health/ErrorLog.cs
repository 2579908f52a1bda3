using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Health;

/// <summary>The Error Information log of one controller. It keeps the last errors and counts all.</summary>
/// <remarks>Thread-safe. Only the constructor allocates memory, because a host decides how many errors occur.</remarks>
public sealed class ErrorLog
{
    /// <summary>The Parameter Error Location of an error that concerns no single field.</summary>
    public const ushort NoLocation = 0xFFFF;

    private const byte TransportTcp = 3;

    private readonly Lock _gate = new();
    private readonly ErrorLogEntry[] _ring;
    private ulong _count;

    /// <summary>Creates an empty log.</summary>
    /// <param name="capacity">The largest number of entries that the log keeps, 1 to 256 (ELPE + 1).</param>
    public ErrorLog(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 256);
        _ring = new ErrorLogEntry[capacity];
    }

    /// <summary>The number of errors since the controller was created, including those that the log no longer keeps.</summary>
    public ulong LifetimeCount
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Adds the error of a command.</summary>
    /// <param name="queueId">QID, 0 for the admin queue.</param>
    /// <param name="entry">The command.</param>
    /// <param name="status">The status of its completion.</param>
    /// <param name="location">The wrong byte (bits 7:0) and bit (bits 10:8) of the entry, or <see cref="NoLocation"/>.</param>
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

            // Only in commands of the NVM command set are dwords 10 and 11 a block address.
            slot.Lba = queueId != 0 && !entry.IsFabrics ? entry.Cdw10And11 : 0ul;
            slot.NamespaceId = entry.IsFabrics ? 0 : entry.NamespaceId;
            slot.TransportType = TransportTcp;
            slot.Opcode = entry.Opcode;
            slot.Version = 1;
        }
    }

    /// <summary>Reads a part of the log page: the entries from the newest to the oldest, then zeros.</summary>
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
