using System.Globalization;
using System.Net;

namespace ManagedNvmet.Tracing;

/// <summary>What a trace is to show, and how much of it.</summary>
public sealed record TraceRequest
{
    private const int MaxQueueId = 65535;

    /// <summary>Only this host; null for all.</summary>
    public Nqn? HostNqn { get; init; }

    /// <summary>Only hosts at this address; null for all.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Only this subsystem; null for all.</summary>
    public Nqn? SubsystemNqn { get; init; }

    /// <summary>Which queues.</summary>
    public TraceQueues Queues { get; init; }

    /// <summary>The queue's number for <see cref="TraceQueues.One"/>.</summary>
    public int QueueId { get; init; }

    /// <summary>Only these commands, by name or number; none for all.</summary>
    public IReadOnlyList<string> Opcodes { get; init; } = [];

    /// <summary>Most bytes of payload that are kept of each PDU, 0 to <see cref="TraceLimits.MaxDataBytes"/>.</summary>
    public int DataBytes { get; init; }

    /// <summary>The trace ends before it has more bytes than this.</summary>
    public long MaxBytes { get; init; } = TraceLimits.DefaultMaxBytes;

    /// <summary>The trace ends after this time; null for when its reader has had enough.</summary>
    public TimeSpan? Duration { get; init; }

    internal OpcodeSet Commands { get; private init; } = OpcodeSet.All;

    /// <summary>Reads what a person asks for; null and nothing stand for no limit.</summary>
    /// <param name="host">A host NQN.</param>
    /// <param name="address">An IP address of hosts.</param>
    /// <param name="subsystem">A subsystem NQN.</param>
    /// <param name="queue">A number, 'admin' or 'io'.</param>
    /// <param name="opcodes">Names or numbers of commands.</param>
    /// <param name="dataBytes">Bytes of payload.</param>
    /// <param name="maxBytes">Bytes of the trace.</param>
    /// <param name="seconds">How long it takes.</param>
    /// <exception cref="FormatException">Says what was found and what was expected.</exception>
    public static TraceRequest Parse(
        string? host, string? address, string? subsystem, string? queue, IReadOnlyList<string>? opcodes, long? dataBytes, long? maxBytes,
        double? seconds)
    {
        (TraceQueues queues, int queueId) = ParseQueue(queue);
        OpcodeSet commands = OpcodeSet.Parse(opcodes ?? []);
        if (dataBytes is < 0 or > TraceLimits.MaxDataBytes)
            throw new FormatException($"The payload to keep of a PDU is {dataBytes} bytes, expected 0 to {TraceLimits.MaxDataBytes}.");
        if (maxBytes is < TraceLimits.MinMaxBytes)
            throw new FormatException($"The size of the trace is {maxBytes} bytes, expected {TraceLimits.MinMaxBytes} or more.");
        if (seconds is not null and not (> 0 and < 1e9))
        {
            throw new FormatException(string.Create(
                CultureInfo.InvariantCulture, $"The trace is to take {seconds} seconds, expected more than 0 and less than a billion."));
        }
        return new TraceRequest
        {
            HostNqn = host is null ? null : NameOf(host),
            Address = address is null ? null : ParseAddress(address),
            SubsystemNqn = subsystem is null ? null : NameOf(subsystem),
            Queues = queues,
            QueueId = queueId,
            Opcodes = opcodes ?? [],
            Commands = commands,
            DataBytes = (int)(dataBytes ?? 0),
            MaxBytes = maxBytes ?? TraceLimits.DefaultMaxBytes,
            Duration = seconds is { } time ? TimeSpan.FromSeconds(time) : null,
        };
    }

    /// <summary>True when only its Connect tells whether a connection is wanted.</summary>
    internal bool NeedsConnect => HostNqn is not null || SubsystemNqn is not null || Queues != TraceQueues.All;

    /// <summary>True when the connections of this host are wanted, as far as its address goes.</summary>
    internal bool MatchesAddress(IPAddress? address) =>
        Address is null || (address is not null && Address.Equals(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    /// <summary>True when a connection is wanted that asks for this queue.</summary>
    internal bool Matches(Nqn? host, Nqn? subsystem, int queueId) =>
        (HostNqn is null || HostNqn.Equals(host))
        && (SubsystemNqn is null || SubsystemNqn.Equals(subsystem))
        && Queues switch
        {
            TraceQueues.Admin => queueId == 0,
            TraceQueues.Io => queueId != 0,
            TraceQueues.One => queueId == QueueId,
            _ => true,
        };

    /// <summary>In words, for the head of the file.</summary>
    internal string Describe()
    {
        List<string> words = [];
        if (HostNqn is not null)
            words.Add($"host {HostNqn}");
        if (Address is not null)
            words.Add($"address {Address}");
        if (SubsystemNqn is not null)
            words.Add($"subsystem {SubsystemNqn}");
        if (Queues != TraceQueues.All)
            words.Add($"queue {(Queues == TraceQueues.One ? QueueId.ToString(CultureInfo.InvariantCulture) : Queues.ToString().ToLowerInvariant())}");
        if (Opcodes.Count > 0)
            words.Add($"opcode {string.Join(' ', Opcodes)}");
        return words.Count == 0 ? "all PDUs" : string.Join(", ", words);
    }

    private static (TraceQueues Queues, int QueueId) ParseQueue(string? text)
    {
        if (text is null)
            return (TraceQueues.All, 0);
        if (text.Equals("admin", StringComparison.OrdinalIgnoreCase))
            return (TraceQueues.Admin, 0);
        if (text.Equals("io", StringComparison.OrdinalIgnoreCase))
            return (TraceQueues.Io, 0);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MaxQueueId
            ? (TraceQueues.One, number)
            : throw new FormatException($"The queue is '{text}', expected a number from 0 to {MaxQueueId}, 'admin' or 'io'.");
    }

    private static IPAddress ParseAddress(string text) => IPAddress.TryParse(text, out IPAddress? address)
        ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address
        : throw new FormatException($"The address is '{text}', expected one of a host, such as 192.0.2.7, without a port.");

    private static Nqn NameOf(string text) => Nqn.TryRead(text, out Nqn? nqn)
        ? nqn
        : throw new FormatException($"'{text}' is no name of a host or subsystem: expected 1 to {Nqn.MaxBytes} bytes without control characters");
}
