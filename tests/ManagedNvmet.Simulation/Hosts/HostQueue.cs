using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Host;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Simulation.Kernel;
using ManagedNvmet.Simulation.Model;
using ManagedNvmet.Simulation.Network;
using ManagedNvmet.Testing;

namespace ManagedNvmet.Simulation.Hosts;

/// <summary>One connection of a host, which runs the product's host engine.</summary>
internal sealed class HostQueue
{
    private readonly World _world;
    private readonly HostConnection _connection;
    private readonly TaskCompletionSource<bool> _opened = new();
    private readonly List<SimulatedCommand> _outstanding = [];
    private bool _isRefused;

    public HostQueue(World world, Association association, int id)
    {
        _world = world;
        Association = association;
        Id = id;
        HostPlan plan = association.Plan;
        Thread = association.Host.Thread;
        Link = world.NewLink();
        var transport = new SimulatedTransport(world, Thread, Link, isHost: true);
        int entries = id == 0 ? plan.AdminEntries : plan.IoEntries;
        _connection = new HostConnection(
            transport,
            new HostConnectionOptions
            {
                HeaderDigest = plan.HeaderDigest,
                DataDigest = plan.DataDigest,
                DataAlignment = plan.DataAlignment,
                QueueDepth = plan.DisablesFlowControl ? entries : entries - 1,
                InCapsuleBytes = id == 0 ? ConnectionLimits.AdminInCapsuleBytes : 0,
            },
            world.Loop.Milliseconds)
        {
            OnReady = () => _opened.TrySetResult(true),
            OnClosed = Ended,
        };
        Entries = entries;
        Thread.Run(() => transport.Begin(_connection));
        world.Dial(Link);
    }

    public Association Association { get; }

    public SimulatedThread Thread { get; }

    public Link Link { get; }

    public int Id { get; }

    public int Entries { get; }

    public bool IsOver { get; private set; }

    /// <summary>True when the host has sent a Disconnect command.</summary>
    public bool IsDisconnecting { get; private set; }

    /// <summary>True when the handshake is complete.</summary>
    public bool IsReady => _opened.Task.IsCompleted;

    public bool CanSend => _connection.CanSubmit;

    public IReadOnlyList<SimulatedCommand> Outstanding => _outstanding;

    /// <summary>Opens the connection and sends the Connect command. Returns null when the connection was lost.</summary>
    public async Task<SimulatedCommand?> ConnectAsync(ConnectData data)
    {
        if (!await _opened.Task)
            return null;
        SimulatedCommand connect = await SendAsync(data.ToEntry(), data.ToBytes());
        if (connect.IsSuccess && Id != 0)
            _connection.InCapsuleBytes = Association.Plan.IoInCapsuleBytes;
        return connect;
    }

    /// <summary>Sends a command. It is lost at once when the connection is closed or the queue is full.</summary>
    public Task<SimulatedCommand> SendAsync(SubmissionEntry entry, Memory<byte> data = default) => Send(entry, data).Done;

    public SimulatedCommand Send(SubmissionEntry entry, Memory<byte> data = default, Operation? operation = null, bool isPatient = false)
    {
        var command = new SimulatedCommand(_world, this) { Entry = entry, Data = data, Operation = operation, IsPatient = isPatient };
        if (operation is not null)
            _world.Model.Begin(operation);
        _outstanding.Add(command);
        bool isSent = false;
        Thread.Run(() => isSent = _connection.TrySubmit(command));
        if (!isSent)
            command.Drop();
        return command;
    }

    public Task<SimulatedCommand> DisconnectAsync()
    {
        IsDisconnecting = true;
        return SendAsync(ManagedNvmet.Testing.Entries.Fabrics(0x08));
    }

    /// <summary>Closes the connection without a Disconnect command.</summary>
    public void Close() => Thread.Run(() => _connection.Close(CloseReason.PeerClosed));

    /// <summary>Closes a connection whose Connect command failed. The association continues.</summary>
    public void CloseQuietly()
    {
        _isRefused = true;
        Close();
    }

    public void Forget(SimulatedCommand command) => _outstanding.Remove(command);

    private void Ended(CloseReason reason)
    {
        IsOver = true;
        _world.Trace.Add("link {0}: the host's end is over, reason {1}", Link.Id, (long)reason);
        _world.Require(reason != CloseReason.ProtocolError || Link.IsCorrupted, $"The target broke the protocol: {_connection.Error}.");
        _world.Require(reason != CloseReason.PeerTerminated || Link.IsCorrupted,
            $"The target says that the host broke the protocol: {_connection.Error}.");
        _world.Require(_outstanding.Count == 0, "A command did not end with its connection.");
        _opened.TrySetResult(false);
        if (!_isRefused)
            Association.OnQueueEnded(this);
    }
}
