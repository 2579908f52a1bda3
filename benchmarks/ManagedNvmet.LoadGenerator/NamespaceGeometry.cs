using System.Buffers.Binary;
using ManagedNvmet.Initiator;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Limits of a controller and a namespace that a load must respect.</summary>
/// <param name="BlockCount">Namespace Size (NSZE), in logical blocks.</param>
/// <param name="BlockSize">Size of a logical block in bytes; 0 when the namespace reports an unusable one.</param>
/// <param name="MaxTransferBytes">Maximum Data Transfer Size (MDTS) in bytes; null for no limit.</param>
/// <param name="MaxDepth">Maximum number of outstanding commands per queue (MQES, with SQ flow control).</param>
/// <param name="IsWriteProtected">True when the namespace is write protected.</param>
public sealed record NamespaceGeometry(ulong BlockCount, int BlockSize, long? MaxTransferBytes, int MaxDepth, bool IsWriteProtected)
{
    // Byte offsets of FLBAS, LBAF0 and NSATTR in the Identify Namespace data, and of MDTS in the Identify Controller data.
    private const int FormattedSizeOffset = 26;
    private const int FormatsOffset = 128;
    private const int AttributesOffset = 99;
    private const int MaxTransferOffset = 77;

    /// <summary>Reads the limits from the controller's data structures.</summary>
    /// <param name="capabilities">Controller Capabilities property (CAP).</param>
    /// <param name="controller">Identify Controller data.</param>
    /// <param name="space">Identify Namespace data (CNS 00h).</param>
    public static NamespaceGeometry Read(ulong capabilities, ReadOnlySpan<byte> controller, ReadOnlySpan<byte> space)
    {
        int format = space[FormattedSizeOffset] & 0xF | (space[FormattedSizeOffset] >> 1 & 0x30);
        int blockShift = space[FormatsOffset + (format * 4) + 2];
        int minimumPageShift = 12 + (int)(capabilities >> 48 & 0xF);
        int transferShift = controller[MaxTransferOffset];
        return new NamespaceGeometry(
            BinaryPrimitives.ReadUInt64LittleEndian(space),
            blockShift is >= 9 and <= 24 ? 1 << blockShift : 0,
            transferShift == 0 ? null : 1L << Math.Min(transferShift + minimumPageShift, 40),
            (ushort)capabilities,
            (space[AttributesOffset] & 1) != 0);
    }

    /// <summary>Sends Identify Namespace and reads the limits.</summary>
    /// <exception cref="InitiatorException">The target refused the command, for example because the namespace does not exist.</exception>
    public static async Task<NamespaceGeometry> IdentifyAsync(InitiatorController controller, uint namespaceId)
    {
        ReadOnlyMemory<byte> space = await controller.IdentifyAsync(0x00, namespaceId).ConfigureAwait(false);
        return Read(controller.Capabilities, controller.Identity.Span, space.Span);
    }

    /// <summary>Returns an error message for each value of the load that the target does not support.</summary>
    public IEnumerable<string> Faults(LoadArguments arguments)
    {
        if (BlockCount == 0)
        {
            yield return $"Namespace {arguments.NamespaceId} does not exist or is empty; choose another one with --namespace.";
            yield break;
        }
        if (BlockSize == 0)
        {
            yield return $"Namespace {arguments.NamespaceId} has a block size that is not between 512 bytes and 16 MiB.";
            yield break;
        }
        if (arguments.TransferBytes % BlockSize != 0)
            yield return $"--size is {arguments.TransferBytes}, expected a multiple of the namespace's block size, {BlockSize} bytes.";
        if (MaxTransferBytes is { } limit && arguments.TransferBytes > limit)
            yield return $"--size is {arguments.TransferBytes}, but the target accepts at most {limit} bytes per command (MDTS).";
        if (arguments.TransferBytes / BlockSize > 65_536)
            yield return $"--size is {arguments.TransferBytes}, expected at most 65536 blocks of {BlockSize} bytes per command.";
        if (arguments.QueueDepth > MaxDepth)
        {
            yield return $"--depth is {arguments.QueueDepth}, but the target allows at most {MaxDepth} outstanding commands per queue "
                + "(MQES).";
        }
        if (arguments.ReadPercent < 100 && IsWriteProtected)
            yield return $"Namespace {arguments.NamespaceId} is write-protected; use --read-percent 100.";
        ulong slots = SlotsOfQueue(arguments);
        ulong needed = arguments.Verify ? (ulong)arguments.QueueDepth : 1;
        if (slots < needed)
        {
            string depth = arguments.Verify ? ", --depth" : "";
            yield return $"The range of {RangeBytes(arguments)} bytes gives each of {arguments.Queues} queues room for {slots} transfers "
                + $"of {arguments.TransferBytes} bytes, expected at least {needed}; raise --range, or lower --queues{depth} or --size.";
        }
    }

    /// <summary>Returns the number of bytes of the namespace that the load uses.</summary>
    public ulong RangeBytes(LoadArguments arguments)
    {
        ulong all = BlockCount * (ulong)BlockSize;
        ulong range = Math.Min(arguments.RangeBytes ?? all, all);
        return arguments.Verify ? Math.Min(range, WriteLedger.MaxSlots * (ulong)arguments.TransferBytes) : range;
    }

    /// <summary>Returns the options of one queue. With random addresses, all queues use the whole range. With sequential addresses or
    /// --verify, each queue uses a part of its own.</summary>
    /// <param name="arguments">The load. <see cref="Faults"/> must be empty for it.</param>
    /// <param name="queue">Index of the queue, from 0.</param>
    /// <param name="generationBase">See <see cref="LoadOptions.GenerationBase"/>.</param>
    public LoadOptions OptionsOfQueue(LoadArguments arguments, int queue, ulong generationBase)
    {
        ulong blocks = SlotsOfQueue(arguments) * (ulong)(arguments.TransferBytes / BlockSize);
        return new LoadOptions
        {
            ReadPercent = arguments.ReadPercent,
            TransferBytes = arguments.TransferBytes,
            Depth = arguments.QueueDepth,
            IsSequential = arguments.IsSequential,
            NamespaceId = arguments.NamespaceId,
            FirstBlock = IsDivided(arguments) ? (ulong)queue * blocks : 0,
            BlockCount = blocks,
            BlockSize = BlockSize,
            Rate = arguments.Rate / arguments.Queues,
            Verify = arguments.Verify,
            MarkSeed = (ulong)arguments.Seed,
            GenerationBase = generationBase,
        };
    }

    private static bool IsDivided(LoadArguments arguments) => arguments.Verify || arguments.IsSequential;

    private ulong SlotsOfQueue(LoadArguments arguments)
    {
        ulong slots = RangeBytes(arguments) / (ulong)arguments.TransferBytes;
        return IsDivided(arguments) ? slots / (ulong)arguments.Queues : slots;
    }
}
