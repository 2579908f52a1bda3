using System.Buffers.Binary;
using ManagedNvmet.Protocol.Host;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Initiator;

/// <summary>A host's association with one controller: an admin queue, I/O queues, and periodic Keep Alive commands.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class InitiatorController : IAsyncDisposable
{
    private const int AdminQueueEntries = 32;
    private const int IdentifyBytes = 4096;

    // Controller Configuration (CC): IOCQES 4 (16 bytes), IOSQES 6 (64 bytes), EN 1.
    private const uint EnabledConfiguration = 0x0046_0001;

    // Controller Configuration, Shutdown Notification (SHN): normal shutdown.
    private const uint ShutdownNormal = 1 << 14;
    private const int PollMilliseconds = 2;

    // Controller or Namespace Structure (CNS) of Identify Controller; Feature Identifier (FID) of Number of Queues.
    private const byte IdentifyController = 0x01;
    private const byte NumberOfQueues = 0x07;

    private readonly InitiatorOptions _options;
    private readonly List<InitiatorQueue> _ioQueues = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _keepAlive = Task.CompletedTask;

    private InitiatorController(InitiatorOptions options, InitiatorQueue admin)
    {
        _options = options;
        Admin = admin;
    }

    /// <summary>The admin queue.</summary>
    public InitiatorQueue Admin { get; }

    /// <summary>The I/O queues, in ascending order of QID.</summary>
    public IReadOnlyList<InitiatorQueue> IoQueues => _ioQueues;

    /// <summary>Controller ID (CNTLID).</summary>
    public ushort ControllerId { get; private set; }

    /// <summary>Controller Capabilities property (CAP).</summary>
    public ulong Capabilities { get; private set; }

    /// <summary>Identify Controller data, 4096 bytes.</summary>
    public ReadOnlyMemory<byte> Identity { get; private set; }

    /// <summary>Connects the admin queue, enables the controller, and connects the I/O queues.</summary>
    /// <exception cref="InitiatorException">The target refused a command or did not respond in time.</exception>
    public static async Task<InitiatorController> ConnectAsync(InitiatorOptions options, CancellationToken cancellationToken = default)
    {
        InitiatorQueue admin = await OpenAsync(options, 0, AdminQueueEntries, cancellationToken).ConfigureAwait(false);
        var controller = new InitiatorController(options, admin);
        try
        {
            await controller.EstablishAsync(cancellationToken).ConfigureAwait(false);
            return controller;
        }
        catch
        {
            controller.CloseQueues();
            throw;
        }
    }

    /// <summary>Allocates pinned memory, which the queues require for command data.</summary>
    public static Memory<byte> AllocatePinned(int length) => GC.AllocateArray<byte>(length, pinned: true);

    /// <summary>Reads a property (Property Get command).</summary>
    /// <param name="offset">Offset of the property in bytes.</param>
    /// <param name="isLong">True for an 8-byte property, false for a 4-byte one.</param>
    /// <exception cref="InitiatorException">The command failed.</exception>
    public async Task<ulong> GetPropertyAsync(uint offset, bool isLong = false)
    {
        SubmissionEntry entry = Fabrics(FabricsCommandType.PropertyGet);
        entry.Cdw10 = isLong ? 1u : 0u;
        entry.Cdw11 = offset;
        return (await Admin.SubmitAsync(entry).ConfigureAwait(false)).Require("Property Get").Result;
    }

    /// <summary>Writes a 4-byte property (Property Set command).</summary>
    /// <param name="offset">Offset of the property in bytes.</param>
    /// <param name="value">The new value.</param>
    /// <exception cref="InitiatorException">The command failed.</exception>
    public async Task SetPropertyAsync(uint offset, uint value)
    {
        SubmissionEntry entry = Fabrics(FabricsCommandType.PropertySet);
        entry.Cdw11 = offset;
        entry.Cdw12 = value;
        (await Admin.SubmitAsync(entry).ConfigureAwait(false)).Require("Property Set");
    }

    /// <summary>Reads an Identify data structure, 4096 bytes.</summary>
    /// <param name="structure">Controller or Namespace Structure (CNS).</param>
    /// <param name="namespaceId">Namespace ID (NSID), where the structure needs one.</param>
    /// <exception cref="InitiatorException">The command failed.</exception>
    public async Task<ReadOnlyMemory<byte>> IdentifyAsync(byte structure, uint namespaceId = 0)
    {
        Memory<byte> data = AllocatePinned(IdentifyBytes);
        var entry = new SubmissionEntry { Opcode = AdminOpcode.Identify, NamespaceId = namespaceId, Cdw10 = structure };
        (await Admin.SubmitAsync(entry, data).ConfigureAwait(false)).Require("Identify");
        return data;
    }

    /// <summary>Reads a part of a log page (Get Log Page command).</summary>
    /// <param name="logPage">Log Page Identifier (LID).</param>
    /// <param name="length">Number of bytes to read, a multiple of 4.</param>
    /// <param name="offset">Offset in the log page in bytes, a multiple of 4.</param>
    /// <param name="retainEvent">Retain Asynchronous Event (RAE): true leaves the page's event pending.</param>
    /// <exception cref="InitiatorException">The command failed.</exception>
    public async Task<ReadOnlyMemory<byte>> GetLogPageAsync(byte logPage, int length, ulong offset = 0, bool retainEvent = false)
    {
        Memory<byte> data = AllocatePinned(length);
        uint dwords = (uint)(length / 4) - 1;
        var entry = new SubmissionEntry
        {
            Opcode = AdminOpcode.GetLogPage,
            NamespaceId = 0xFFFF_FFFF,
            Cdw10 = logPage | (retainEvent ? 0x8000u : 0) | (dwords << 16),
            Cdw11 = dwords >> 16,
            Cdw12And13 = offset,
        };
        (await Admin.SubmitAsync(entry, data).ConfigureAwait(false)).Require("Get Log Page");
        return data;
    }

    /// <summary>Reads logical blocks.</summary>
    /// <param name="queue">Index of the queue in <see cref="IoQueues"/>.</param>
    /// <param name="namespaceId">Namespace ID (NSID).</param>
    /// <param name="firstBlock">First logical block (SLBA).</param>
    /// <param name="blockCount">Number of logical blocks, 1 to 65536.</param>
    /// <param name="data">Pinned memory for exactly the read bytes.</param>
    public ValueTask<CommandResult> ReadAsync(int queue, uint namespaceId, ulong firstBlock, int blockCount, Memory<byte> data) =>
        _ioQueues[queue].SubmitAsync(NvmCommand(NvmOpcode.Read, namespaceId, firstBlock, blockCount), data);

    /// <summary>Writes logical blocks.</summary>
    /// <param name="queue">Index of the queue in <see cref="IoQueues"/>.</param>
    /// <param name="namespaceId">Namespace ID (NSID).</param>
    /// <param name="firstBlock">First logical block (SLBA).</param>
    /// <param name="blockCount">Number of logical blocks, 1 to 65536.</param>
    /// <param name="data">Pinned memory with the bytes to write.</param>
    /// <param name="forceUnitAccess">Force Unit Access (FUA): the data is durable when the command completes.</param>
    public ValueTask<CommandResult> WriteAsync(
        int queue, uint namespaceId, ulong firstBlock, int blockCount, Memory<byte> data, bool forceUnitAccess = false)
    {
        SubmissionEntry entry = NvmCommand(NvmOpcode.Write, namespaceId, firstBlock, blockCount);
        if (forceUnitAccess)
            entry.Cdw12 = entry.Cdw12 | (1u << 30);
        return _ioQueues[queue].SubmitAsync(entry, data);
    }

    /// <summary>Makes all completed writes to the namespace durable.</summary>
    public ValueTask<CommandResult> FlushAsync(int queue, uint namespaceId) =>
        _ioQueues[queue].SubmitAsync(new SubmissionEntry { Opcode = NvmOpcode.Flush, NamespaceId = namespaceId });

    /// <summary>Creates the submission queue entry of an NVM command that addresses a range of logical blocks.</summary>
    /// <param name="opcode">Opcode (OPC).</param>
    /// <param name="namespaceId">Namespace ID (NSID).</param>
    /// <param name="firstBlock">First logical block (SLBA).</param>
    /// <param name="blockCount">Number of logical blocks, 1 to 65536.</param>
    public static SubmissionEntry NvmCommand(byte opcode, uint namespaceId, ulong firstBlock, int blockCount) => new()
    {
        Opcode = opcode,
        NamespaceId = namespaceId,
        Cdw10And11 = firstBlock,
        Cdw12 = (uint)(blockCount - 1),
    };

    /// <summary>Shuts the controller down, waits until the shutdown is complete, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _keepAlive.ConfigureAwait(false);
        foreach (InitiatorQueue queue in _ioQueues)
            queue.Close();
        try
        {
            await SetPropertyAsync(PropertyOffset.Configuration, EnabledConfiguration | ShutdownNormal).ConfigureAwait(false);
            await WaitForStatusAsync(static status => (status & 0xC) == 0x8, CancellationToken.None).ConfigureAwait(false);
        }
        catch (InitiatorException)
        {
            // The association may already have ended. The target has then shut the controller down.
        }
        CloseQueues();
        _stopping.Dispose();
    }

    private static Task<InitiatorQueue> OpenAsync(
        InitiatorOptions options, int queueId, int entries, CancellationToken cancellationToken) =>
        InitiatorQueue.OpenAsync(
            options.Shards[queueId % options.Shards.Count],
            options.EndPoint,
            new HostConnectionOptions
            {
                HeaderDigest = options.HeaderDigest,
                DataDigest = options.DataDigest,
                DataAlignment = options.DataAlignment,
                QueueDepth = options.DisableFlowControl ? entries : entries - 1,
                HandshakeMilliseconds = options.TimeoutMilliseconds,
            },
            cancellationToken);

    private static SubmissionEntry Fabrics(byte type) => new() { Opcode = SubmissionEntry.FabricsOpcode, FabricsType = type };

    private async Task EstablishAsync(CancellationToken cancellationToken)
    {
        CommandResult connected = await ConnectQueueAsync(
            Admin, 0, AdminQueueEntries, ConnectCommandData.DynamicControllerId).ConfigureAwait(false);
        ControllerId = (ushort)connected.Result;
        Capabilities = await GetPropertyAsync(PropertyOffset.Capabilities, isLong: true).ConfigureAwait(false);
        await SetPropertyAsync(PropertyOffset.Configuration, EnabledConfiguration).ConfigureAwait(false);
        await WaitForStatusAsync(static status => (status & 1) == 1, cancellationToken).ConfigureAwait(false);
        Identity = await IdentifyAsync(IdentifyController).ConfigureAwait(false);
        _keepAlive = KeepAliveAsync();
        if (_options.IoQueues == 0)
            return;

        uint requested = (uint)(_options.IoQueues - 1);
        var setQueues =
            new SubmissionEntry { Opcode = AdminOpcode.SetFeatures, Cdw10 = NumberOfQueues, Cdw11 = requested | (requested << 16) };
        CommandResult granted = (await Admin.SubmitAsync(setQueues).ConfigureAwait(false)).Require("Set Features (Number of Queues)");
        int count = Math.Min(_options.IoQueues, (ushort)granted.Result + 1);
        int entries = Math.Min(_options.QueueEntries, (ushort)Capabilities + 1);
        int inCapsuleBytes = (int)(BinaryPrimitives.ReadUInt32LittleEndian(Identity.Span[1792..]) * 16) - SubmissionEntry.Size;
        for (int queueId = 1; queueId <= count; queueId++)
        {
            InitiatorQueue queue = await OpenAsync(_options, queueId, entries, cancellationToken).ConfigureAwait(false);
            _ioQueues.Add(queue);
            await ConnectQueueAsync(queue, queueId, entries, ControllerId).ConfigureAwait(false);
            queue.Connection.InCapsuleBytes = inCapsuleBytes;
        }
    }

    private async Task<CommandResult> ConnectQueueAsync(InitiatorQueue queue, int queueId, int entries, ushort controllerId)
    {
        Memory<byte> data = AllocatePinned(ConnectCommandData.Size);
        ConnectCommandData.Write(data.Span, _options.HostId, controllerId, _options.SubsystemNqn, _options.HostNqn);
        SubmissionEntry entry = Fabrics(FabricsCommandType.Connect);
        entry.Cdw10 = (uint)queueId << 16;
        entry.Cdw11 = (uint)(entries - 1) | (_options.DisableFlowControl ? ConnectCommandData.DisableFlowControl : 0);
        entry.Cdw12 = queueId == 0 ? _options.KeepAliveMilliseconds : 0;
        CommandResult result = await queue.SubmitAsync(entry, data).AsTask()
            .WaitAsync(TimeSpan.FromMilliseconds(_options.TimeoutMilliseconds)).ConfigureAwait(false);
        return result.Require($"Connect of queue {queueId}");
    }

    private async Task WaitForStatusAsync(Func<ulong, bool> isReached, CancellationToken cancellationToken)
    {
        long end = Environment.TickCount64 + _options.TimeoutMilliseconds;
        while (!isReached(await GetPropertyAsync(PropertyOffset.Status).ConfigureAwait(false)))
        {
            if (Environment.TickCount64 > end)
            {
                throw new InitiatorException(
                    $"The controller did not reach the expected status (CSTS) within {_options.TimeoutMilliseconds} ms.");
            }
            await Task.Delay(PollMilliseconds, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task KeepAliveAsync()
    {
        if (_options.KeepAliveMilliseconds == 0)
            return;
        TimeSpan interval = TimeSpan.FromMilliseconds(_options.KeepAliveMilliseconds / 2.0);
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(interval, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested)
                return;
            CommandResult result = await Admin.SubmitAsync(new SubmissionEntry { Opcode = AdminOpcode.KeepAlive }).ConfigureAwait(false);
            if (!result.Status.IsSuccess)
                return;
        }
    }

    private void CloseQueues()
    {
        foreach (InitiatorQueue queue in _ioQueues)
            queue.Close();
        Admin.Close();
    }
}
