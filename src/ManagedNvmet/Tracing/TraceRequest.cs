using System.Globalization;
using System.Net;

namespace ManagedNvmet.Tracing;

/// <summary>Filter and limits of a trace.</summary>
public sealed record TraceRequest
{
    private const int MaxQueueId = 65535;

    /// <summary>NQN of the host to trace; null for all.</summary>
    public Nqn? HostNqn { get; init; }

    /// <summary>Address of the hosts to trace; null for all.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>NQN of the subsystem to trace; null for all.</summary>
    public Nqn? SubsystemNqn { get; init; }

    /// <summary>Queues to trace.</summary>
    public TraceQueues Queues { get; init; }

    /// <summary>Queue identifier for <see cref="TraceQueues.One"/>.</summary>
    public int QueueId { get; init; }

    /// <summary>Names or numbers of the commands to trace; none for all.</summary>
    public IReadOnlyList<string> Opcodes { get; init; } = [];

    /// <summary>Maximum number of recorded payload bytes per PDU, 0 to <see cref="TraceLimits.MaxDataBytes"/>.</summary>
    public int DataBytes { get; init; }

    /// <summary>Maximum size of the trace in bytes. The trace ends before it exceeds it.</summary>
    public long MaxBytes { get; init; } = TraceLimits.DefaultMaxBytes;

    /// <summary>Duration of the trace; null to trace until the reader closes it.</summary>
    public TimeSpan? Duration { get; init; }

    internal OpcodeSet Commands { get; private init; } = OpcodeSet.All;

    /// <summary>Parses the parameters that a person gives. Null means the default or no filter.</summary>
    /// <param name="host">NQN of a host.</param>
    /// <param name="address">IP address of hosts.</param>
    /// <param name="subsystem">NQN of a subsystem.</param>
    /// <param name="queue">A queue identifier, 'admin' or 'io'.</param>
    /// <param name="opcodes">Names or numbers of commands.</param>
    /// <param name="dataBytes">Maximum number of payload bytes per PDU.</param>
    /// <param name="maxBytes">Maximum size of the trace in bytes.</param>
    /// <param name="seconds">Duration of the trace in seconds.</param>
    /// <exception cref="FormatException">A parameter is invalid. The message says what was found and what was expected.</exception>
    public static TraceRequest Parse(
        string? host,
        string? address,
        string? subsystem,
        string? queue,
        IReadOnlyList<string>? opcodes,
        long? dataBytes,
        long? maxBytes,
        double? seconds)
    {
        (TraceQueues queues, int queueId) = ParseQueue(queue);
        OpcodeSet commands = OpcodeSet.Parse(opcodes ?? []);
        if (dataBytes is < 0 or > TraceLimits.MaxDataBytes)
            throw new FormatException($"The payload to record per PDU is {dataBytes} bytes, expected 0 to {TraceLimits.MaxDataBytes}.");
        if (maxBytes is < TraceLimits.MinMaxBytes)
            throw new FormatException($"The maximum size of the trace is {maxBytes} bytes, expected {TraceLimits.MinMaxBytes} or more.");
        if (seconds is not null and not (> 0 and < 1e9))
        {
            throw new FormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"The duration of the trace is {seconds} seconds, expected more than 0 and less than a billion."));
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

    /// <summary>True when the Connect command is needed to decide whether a connection matches.</summary>
    internal bool NeedsConnect => HostNqn is not null || SubsystemNqn is not null || Queues != TraceQueues.All;

    /// <summary>Returns true when the address of a host matches.</summary>
    internal bool MatchesAddress(IPAddress? address) =>
        Address is null || (address is not null && Address.Equals(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    /// <summary>Returns true when a connection with these Connect parameters matches.</summary>
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

    /// <summary>Returns the filter as text, for the header of the file.</summary>
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
        {
            string queue = Queues == TraceQueues.One
                ? QueueId.ToString(CultureInfo.InvariantCulture)
                : Queues.ToString().ToLowerInvariant();
            words.Add($"queue {queue}");
        }
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
        : throw new FormatException(
            $"'{text}' is no name of a host or subsystem: expected 1 to {Nqn.MaxBytes} bytes without control characters");
}
