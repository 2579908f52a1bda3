namespace ManagedNvmet.LoadGenerator;

/// <summary>What the person asked for, before any target was reached.</summary>
public sealed record LoadArguments
{
    /// <summary>Most bytes of a command whatever the target takes: a buffer of this size is claimed for each command in flight with --verify.</summary>
    public const int MaxTransferBytes = 16 * 1024 * 1024;

    /// <summary>Most queues: what a controller can have.</summary>
    public const int MaxQueues = 65_535;

    /// <summary>Address of the target.</summary>
    public required TargetAddress Target { get; init; }

    /// <summary>SUBNQN.</summary>
    public required Nqn SubsystemNqn { get; init; }

    /// <summary>HOSTNQN; the initiator's own when null.</summary>
    public Nqn? HostNqn { get; init; }

    /// <summary>NSID.</summary>
    public uint NamespaceId { get; init; } = 1;

    /// <summary>Bytes of a command.</summary>
    public int TransferBytes { get; init; } = 4096;

    /// <summary>Commands in flight on each queue.</summary>
    public int QueueDepth { get; init; } = 32;

    /// <summary>I/O queues, each a TCP connection.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>Reads of 100 commands.</summary>
    public int ReadPercent { get; init; } = 100;

    /// <summary>One address after the other instead of random ones.</summary>
    public bool IsSequential { get; init; }

    /// <summary>Commands a second over all queues, or null for a closed loop.</summary>
    public double? Rate { get; init; }

    /// <summary>Seconds that are measured.</summary>
    public double Seconds { get; init; } = 5;

    /// <summary>Seconds of load before that.</summary>
    public double WarmUpSeconds { get; init; } = 1;

    /// <summary>Bytes from the start of the namespace that are used, or null for all of it.</summary>
    public ulong? RangeBytes { get; init; }

    /// <summary>Mark what is written and check what is read.</summary>
    public bool Verify { get; init; }

    /// <summary>Ask for header digests.</summary>
    public bool HeaderDigest { get; init; }

    /// <summary>Ask for data digests.</summary>
    public bool DataDigest { get; init; }

    /// <summary>Threads of this tool that carry the queues.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Poll instead of sleeping.</summary>
    public bool Spin { get; init; }

    /// <summary>Process whose processor time is told per command.</summary>
    public int? ServerPid { get; init; }

    /// <summary>Where the JSON goes: a file, "-" for standard output, or null for nowhere.</summary>
    public string? JsonPath { get; init; }

    /// <summary>Name of this run in the JSON.</summary>
    public string? Label { get; init; }

    /// <summary>No progress lines.</summary>
    public bool Quiet { get; init; }

    /// <summary>Seed of the addresses and of the marks.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Everything that is wrong with the numbers, without asking the target.</summary>
    public IEnumerable<string> Faults()
    {
        if (TransferBytes is < 512 or > MaxTransferBytes || TransferBytes % 512 != 0)
            yield return $"--size is {TransferBytes}, expected a multiple of 512 from 512 to {MaxTransferBytes} bytes.";
        if (QueueDepth is < 1 or > 65_535)
            yield return $"--depth is {QueueDepth}, expected 1 to 65535 commands in flight on a queue.";
        if (Queues is < 1 or > MaxQueues)
            yield return $"--queues is {Queues}, expected 1 to {MaxQueues}.";
        if (ReadPercent is < 0 or > 100)
            yield return $"--read-percent is {ReadPercent}, expected 0 to 100.";
        if (Rate is { } rate && !(rate is >= 0.001 and <= 1e9))
            yield return $"--rate is {rate:0.###}, expected 0.001 to 1000000000 commands a second.";
        if (!(Seconds is > 0 and <= 31_536_000))
            yield return $"--seconds is {Seconds:0.###}, expected more than 0 and at most a year.";
        if (!(WarmUpSeconds is >= 0 and <= 31_536_000))
            yield return $"--warm-up is {WarmUpSeconds:0.###}, expected 0 or more seconds and at most a year.";
        if (NamespaceId is 0 or 0xFFFF_FFFF)
            yield return $"--namespace is {NamespaceId}, expected 1 to 4294967294.";
        if (Shards is < 1 or > 64)
            yield return $"--shards is {Shards}, expected 1 to 64 threads.";
        else if (Shards > Queues && Queues >= 1)
            yield return $"--shards is {Shards}, but there are only {Queues} queues to carry: expected at most that many, or raise --queues.";
        if (RangeBytes is { } range && range < (ulong)Math.Max(TransferBytes, 1))
            yield return $"--range is {range} bytes, expected at least one transfer of {TransferBytes}.";
        if (ServerPid is { } processId && !File.Exists($"/proc/{processId}/stat"))
            yield return $"--server-pid is {processId}, and there is no such process on this machine.";
        if (JsonPath is { } path and not "-" && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            yield return $"--json is '{path}', and there is no such folder; make it first.";
    }
}
