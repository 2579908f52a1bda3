using System.Buffers.Binary;

namespace ManagedNvmet.Announcing.Dns;

/// <summary>Writes a message up to a size. What does not fit is not written, and the message stays whole.</summary>
/// <remarks>Sections are written in their order: questions, answers, authorities, additional records. Names are compressed; those in the data
/// of a service are not, since who asks in the old way may not be able to read them.</remarks>
internal sealed class DnsMessageWriter
{
    private const int HeaderBytes = 12;
    private const int MaxPointer = 0x3FFF;
    private const ushort TopBit = 0x8000;

    private readonly byte[] _buffer;
    private readonly Dictionary<DnsName, int> _written = [];
    private readonly int[] _counts = new int[4];
    private int _length = HeaderBytes;

    /// <param name="maxBytes">The largest size of the message.</param>
    /// <param name="id">Its number; 0 for all that is multicast.</param>
    /// <param name="flags">Its flags.</param>
    public DnsMessageWriter(int maxBytes, ushort id, ushort flags)
    {
        _buffer = new byte[maxBytes];
        Id = id;
        Flags = flags;
    }

    public ushort Id { get; }

    public ushort Flags { get; set; }

    /// <summary>Nothing has been written.</summary>
    public bool IsEmpty => _length == HeaderBytes;

    public bool TryAdd(DnsQuestion question)
    {
        int start = _length;
        if (!TryWrite(question.Name) || !TryWrite((ushort)question.Type)
            || !TryWrite((ushort)(question.Class | (question.WantsUnicast ? TopBit : 0))))
        {
            return GoBack(start);
        }
        _counts[(int)DnsSection.Questions]++;
        return true;
    }

    public bool TryAdd(DnsSection section, DnsRecord record)
    {
        int start = _length;
        if (!TryWrite(record.Name) || !TryWrite((ushort)record.Type) || !TryWrite((ushort)(record.Class | (record.IsUnique ? TopBit : 0)))
            || !TryWrite((ushort)(record.TimeToLive >> 16)) || !TryWrite((ushort)record.TimeToLive))
        {
            return GoBack(start);
        }
        int lengthAt = _length;
        if (!TryWrite(0) || !TryWriteData(record))
            return GoBack(start);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(lengthAt), (ushort)(_length - lengthAt - 2));
        _counts[(int)section]++;
        return true;
    }

    /// <summary>The message as it is so far.</summary>
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

    private bool GoBack(int start)
    {
        _length = start;
        foreach (DnsName name in _written.Where(each => each.Value >= start).Select(each => each.Key).ToArray())
            _written.Remove(name);
        return false;
    }
}
