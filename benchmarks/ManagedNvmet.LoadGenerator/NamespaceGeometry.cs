using System.Buffers.Binary;
using ManagedNvmet.Initiator;

namespace ManagedNvmet.LoadGenerator;

/// <summary>What the controller and the namespace say about themselves, as far as a load has to respect it.</summary>
/// <param name="BlockCount">NSZE, in logical blocks.</param>
/// <param name="BlockSize">Bytes of a logical block.</param>
/// <param name="MaxTransferBytes">Most bytes of a command (MDTS), or null for no limit.</param>
/// <param name="MaxDepth">Most commands in flight on a queue: MQES, with SQ flow control.</param>
/// <param name="IsWriteProtected">The namespace takes no writes.</param>
public sealed record NamespaceGeometry(ulong BlockCount, int BlockSize, long? MaxTransferBytes, int MaxDepth, bool IsWriteProtected)
{
    private const int FormattedSizeOffset = 26;
    private const int FormatsOffset = 128;
    private const int AttributesOffset = 99;
    private const int MaxTransferOffset = 77;

    /// <summary>Reads the geometry.</summary>
    /// <param name="capabilities">CAP.</param>
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

    /// <summary>Identifies the namespace.</summary>
    /// <exception cref="InitiatorException">The target does not have it.</exception>
    public static async Task<NamespaceGeometry> IdentifyAsync(InitiatorController controller, uint namespaceId)
    {
        ReadOnlyMemory<byte> space = await controller.IdentifyAsync(0x00, namespaceId).ConfigureAwait(false);
        return Read(controller.Capabilities, controller.Identity.Span, space.Span);
    }

    /// <summary>Everything in a load that the target cannot do.</summary>
    public IEnumerable<string> Faults(LoadArguments arguments)
    {
        if (BlockCount == 0)
        {
            yield return $"Namespace {arguments.NamespaceId} is not there, or has no size; choose another with --namespace.";
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
            yield return $"--size is {arguments.TransferBytes}, but the target takes at most {limit} bytes a command (MDTS).";
        if (arguments.TransferBytes / BlockSize > 65_536)
            yield return $"--size is {arguments.TransferBytes}, more than the 65536 blocks of {BlockSize} bytes that a command can have.";
        if (arguments.QueueDepth > MaxDepth)
            yield return $"--depth is {arguments.QueueDepth}, but the target's queues take at most {MaxDepth} commands in flight (MQES).";
        if (arguments.ReadPercent < 100 && IsWriteProtected)
            yield return $"Namespace {arguments.NamespaceId} is write-protected; use --read-percent 100.";
        ulong slots = SlotsOfQueue(arguments);
        ulong needed = arguments.Verify ? (ulong)arguments.QueueDepth : 1;
        if (slots < needed)
        {
            yield return $"The range of {RangeBytes(arguments)} bytes gives each of {arguments.Queues} queues room for {slots} transfers of "
                + $"{arguments.TransferBytes} bytes, expected at least {needed}; raise --range, or lower --queues{(arguments.Verify ? ", --depth" : "")} or --size.";
        }
    }

    /// <summary>Bytes that the load uses.</summary>
    public ulong RangeBytes(LoadArguments arguments)
    {
        ulong all = BlockCount * (ulong)BlockSize;
        ulong range = Math.Min(arguments.RangeBytes ?? all, all);
        return arguments.Verify ? Math.Min(range, WriteLedger.MaxSlots * (ulong)arguments.TransferBytes) : range;
    }

    /// <summary>What one queue does. With random addresses all queues use the whole range; otherwise, and with --verify, each has its own part.</summary>
    /// <param name="arguments">The load, in which there are no <see cref="Faults"/>.</param>
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
