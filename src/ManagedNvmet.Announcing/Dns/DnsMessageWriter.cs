using System.Buffers.Binary;

namespace ManagedNvmet.Announcing.Dns;

/// <summary>Writes a DNS message of limited size. A record that does not fit is left out completely, so that the message stays
/// valid.</summary>
/// <remarks>The caller adds the sections in this order: questions, answers, authorities, additionals. The writer compresses names, except
/// in the data of SRV records, because legacy queriers may not be able to read those.</remarks>
internal sealed class DnsMessageWriter
{
    private const int HeaderBytes = 12;
    private const int MaxPointer = 0x3FFF;
    private const ushort TopBit = 0x8000;

    private readonly byte[] _buffer;
    private readonly Dictionary<DnsName, int> _written = [];
    private readonly int[] _counts = new int[4];
    private int _length = HeaderBytes;

    /// <param name="maxBytes">Maximum size of the message in bytes.</param>
    /// <param name="id">Message ID; 0 for multicast messages.</param>
    /// <param name="flags">Header flags.</param>
    public DnsMessageWriter(int maxBytes, ushort id, ushort flags)
    {
        _buffer = new byte[maxBytes];
        Id = id;
        Flags = flags;
    }

    public ushort Id { get; }

    public ushort Flags { get; set; }

    /// <summary>True when the message has no question and no record yet.</summary>
    public bool IsEmpty => _length == HeaderBytes;

    /// <summary>Adds a question. Returns false, without a change, when it does not fit.</summary>
    public bool TryAdd(DnsQuestion question)
    {
        int start = _length;
        if (!TryWrite(question.Name) || !TryWrite((ushort)question.Type)
            || !TryWrite((ushort)(question.Class | (question.WantsUnicast ? TopBit : 0))))
        {
            return Undo(start);
        }
        _counts[(int)DnsSection.Questions]++;
        return true;
    }

    /// <summary>Adds a record to a section. Returns false, without a change, when it does not fit.</summary>
    public bool TryAdd(DnsSection section, DnsRecord record)
    {
        int start = _length;
        if (!TryWrite(record.Name) || !TryWrite((ushort)record.Type) || !TryWrite((ushort)(record.Class | (record.IsUnique ? TopBit : 0)))
            || !TryWrite((ushort)(record.TimeToLive >> 16)) || !TryWrite((ushort)record.TimeToLive))
        {
            return Undo(start);
        }
        int lengthAt = _length;
        if (!TryWrite(0) || !TryWriteData(record))
            return Undo(start);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(lengthAt), (ushort)(_length - lengthAt - 2));
        _counts[(int)section]++;
        return true;
    }

    /// <summary>Returns the message with all questions and records added so far.</summary>
    public byte[] ToArray()
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer, Id);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(2), Flags);
        for (int section = 0; section < _counts.Length; section++)
            BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(4 + (2 * section)), (ushort)_counts[section]);
        return _buffer[.._length];
    }

    private bool TryWriteData(DnsRecord record)
    {
        int position = 0;
        if (record.Type == DnsType.Pointer && DnsName.TryRead(record.Data.Span, ref position, out DnsName? target))
            return TryWrite(target);
        return TryWrite(record.Data.Span);
    }

    private bool TryWrite(DnsName name)
    {
        for (DnsName rest = name; !rest.IsRoot; rest = rest.Parent())
        {
            if (_written.TryGetValue(rest, out int at))
                return TryWrite((ushort)(0xC000 | at));
            if (_length <= MaxPointer)
                _written.Add(rest, _length);
            if (!TryWrite(rest.Wire[..(1 + rest.Wire[0])]))
                return false;
        }
        return TryWrite([0]);
    }

    private bool TryWrite(ushort value)
    {
        if (_length + 2 > _buffer.Length)
            return false;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(_length), value);
        _length += 2;
        return true;
    }

    private bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _buffer.Length)
            return false;
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
        return true;
    }

    private bool Undo(int start)
    {
        _length = start;
        foreach (DnsName name in _written.Where(each => each.Value >= start).Select(each => each.Key).ToArray())
            _written.Remove(name);
        return false;
    }
}
