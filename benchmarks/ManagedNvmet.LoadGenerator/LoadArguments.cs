namespace ManagedNvmet.LoadGenerator;

/// <summary>The load that the user requested on the command line.</summary>
public sealed record LoadArguments
{
    /// <summary>Maximum size of a command in bytes. It limits the memory: with --verify, each outstanding command has a buffer of its
    /// own.</summary>
    public const int MaxTransferBytes = 16 * 1024 * 1024;

    /// <summary>Maximum number of I/O queues of a controller.</summary>
    public const int MaxQueues = 65_535;

    /// <summary>Address of the target.</summary>
    public required TargetAddress Target { get; init; }

    /// <summary>NQN of the subsystem (SUBNQN).</summary>
    public required Nqn SubsystemNqn { get; init; }

    /// <summary>NQN of the host (HOSTNQN); null for the default of <see cref="Initiator.InitiatorOptions"/>.</summary>
    public Nqn? HostNqn { get; init; }

    /// <summary>Namespace ID (NSID).</summary>
    public uint NamespaceId { get; init; } = 1;

    /// <summary>Size of a command in bytes.</summary>
    public int TransferBytes { get; init; } = 4096;

    /// <summary>Number of outstanding commands per queue.</summary>
    public int QueueDepth { get; init; } = 32;

    /// <summary>Number of I/O queues. Each has a TCP connection.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>Percentage of reads, 0 to 100. The other commands are writes.</summary>
    public int ReadPercent { get; init; } = 100;

    /// <summary>True for sequential addresses, false for random ones.</summary>
    public bool IsSequential { get; init; }

    /// <summary>Commands per second over all queues for an open loop; null for a closed loop.</summary>
    public double? Rate { get; init; }

    /// <summary>Duration of the measurement in seconds.</summary>
    public double Seconds { get; init; } = 5;

    /// <summary>Duration of the load before the measurement in seconds.</summary>
    public double WarmUpSeconds { get; init; } = 1;

    /// <summary>Number of bytes to use from the start of the namespace; null for all.</summary>
    public ulong? RangeBytes { get; init; }

    /// <summary>True to mark written blocks and check read ones.</summary>
    public bool Verify { get; init; }

    /// <summary>True to request header digests.</summary>
    public bool HeaderDigest { get; init; }

    /// <summary>True to request data digests.</summary>
    public bool DataDigest { get; init; }

    /// <summary>Number of threads of this tool that run the queues.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>True to poll instead of sleeping.</summary>
    public bool Spin { get; init; }

    /// <summary>Process ID of the server, to report its CPU time per command; null to report none.</summary>
    public int? ServerPid { get; init; }

    /// <summary>File for the result as JSON; "-" for standard output; null for none.</summary>
    public string? JsonPath { get; init; }

    /// <summary>Name of this run in the JSON.</summary>
    public string? Label { get; init; }

    /// <summary>True to write no progress lines.</summary>
    public bool Quiet { get; init; }

    /// <summary>Seed of the random addresses and of the block marks.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Returns an error message for each invalid value, as far as it can be checked without the target.</summary>
    public IEnumerable<string> Faults()
    {
        if (TransferBytes is < 512 or > MaxTransferBytes || TransferBytes % 512 != 0)
            yield return $"--size is {TransferBytes}, expected a multiple of 512 from 512 to {MaxTransferBytes} bytes.";
        if (QueueDepth is < 1 or > 65_535)
            yield return $"--depth is {QueueDepth}, expected 1 to 65535 outstanding commands per queue.";
        if (Queues is < 1 or > MaxQueues)
            yield return $"--queues is {Queues}, expected 1 to {MaxQueues}.";
        if (ReadPercent is < 0 or > 100)
            yield return $"--read-percent is {ReadPercent}, expected 0 to 100.";
        if (Rate is { } rate && !(rate is >= 0.001 and <= 1e9))
            yield return $"--rate is {rate:0.###}, expected 0.001 to 1000000000 commands per second.";
        if (!(Seconds is > 0 and <= 31_536_000))
            yield return $"--seconds is {Seconds:0.###}, expected more than 0 and at most a year.";
        if (!(WarmUpSeconds is >= 0 and <= 31_536_000))
            yield return $"--warm-up is {WarmUpSeconds:0.###}, expected 0 or more seconds and at most a year.";
        if (NamespaceId is 0 or 0xFFFF_FFFF)
            yield return $"--namespace is {NamespaceId}, expected 1 to 4294967294.";
        if (Shards is < 1 or > 64)
            yield return $"--shards is {Shards}, expected 1 to 64 threads.";
        else if (Shards > Queues && Queues >= 1)
            yield return $"--shards is {Shards}, but there are only {Queues} queues; lower --shards, or raise --queues.";
        if (RangeBytes is { } range && range < (ulong)Math.Max(TransferBytes, 1))
            yield return $"--range is {range} bytes, expected at least one transfer of {TransferBytes}.";
        if (ServerPid is { } processId && !File.Exists($"/proc/{processId}/stat"))
            yield return $"--server-pid is {processId}, but this machine has no such process.";
        if (JsonPath is { } path and not "-" && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            yield return $"--json is '{path}', but its folder does not exist; create it first.";
    }
}
