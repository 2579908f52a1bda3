using System.Net;
using System.Net.Sockets;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Io.Sockets;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Testing;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

/// <summary>One connection of a real shard, with a <see cref="StubQueue"/> above it and a plain socket as its host.</summary>
internal sealed class ServedConnection : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="receiveBufferBytes">Fixed size of the server's receive buffer, or 0 for the kernel's choice.</param>
    public ServedConnection(int receiveBufferBytes = 0)
    {
        Shard = new Shard(new ShardOptions(), NullLogger.Instance);
        Shard.Start();
        int listener = SocketCalls.Listen(new IPEndPoint(IPAddress.Loopback, 0), 1);
        Host = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)Patience.TotalMilliseconds };
        Host.Connect(SocketCalls.LocalEndPoint(listener)!);
        Assert.True(SpinWait.SpinUntil(() => (Descriptor = SocketCalls.Accept(listener)) >= 0, Patience));
        SocketCalls.Close(listener);
        if (receiveBufferBytes > 0)
            SocketCalls.SetReceiveBuffer(Descriptor, receiveBufferBytes);
        Context = new ShardContext(Shard);
        Run(() =>
        {
            var transport = new SocketTransport(Context, Descriptor, _ => _closed.SetResult(), NullLogger.Instance);
            transport.Begin(new ControllerConnection(transport, Context.Buffers, new ConnectionLimits(), MakeQueue, transport.Now));
        });
    }

    public Shard Shard { get; }

    public ShardContext Context { get; }

    public StubQueue Queue { get; private set; } = null!;

    public Socket Host { get; }

    /// <summary>The server's socket.</summary>
    public int Descriptor { get; private set; }

    public int LowWater => SocketCalls.GetReceiveLowWater(Descriptor);

    /// <summary>Establishes an I/O queue.</summary>
    public ServedConnection Connect()
    {
        Host.Send(Pdus.InitializeRequest());
        Receive(128);
        Host.Send(Pdus.Capsule(Entries.Connect(1, queueId: 1), Entries.ConnectData()));
        Receive(24);
        return this;
    }

    /// <summary>Sends a write command and takes its R2T.</summary>
    /// <returns>The whole H2CData PDU, which is not sent.</returns>
    public byte[] BeginWrite(int bytes)
    {
        Host.Send(Pdus.Capsule(Entries.Transfer(Entries.Write, 2, bytes)));
        byte[] grant = Receive(24);
        return Pdus.HostData(2, BitConverter.ToUInt16(grant, 10), 0, Pattern.Make(bytes, 3), isLast: true);
    }

    public byte[] Receive(int count)
    {
        byte[] bytes = new byte[count];
        for (int have = 0; have < count;)
        {
            int received = Host.Receive(bytes, have, count - have, SocketFlags.None);
            Assert.NotEqual(0, received);
            have += received;
        }
        return bytes;
    }

    public void Run(Action action) => Get(() =>
    {
        action();
        return true;
    });

    public T Get<T>(Func<T> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Shard.Post(_ =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }, null);
        Assert.True(done.Task.Wait(Patience));
        return done.Task.Result;
    }

    /// <summary>Drops the reference to the connection.</summary>
    public void ForgetQueue() => Queue = null!;

    public void AwaitClosed() => Assert.True(_closed.Task.Wait(Patience));

    public void Dispose()
    {
        Host.Dispose();
        AwaitClosed();
        Shard.Stop();
    }

    private StubQueue MakeQueue(ControllerConnection connection) => Queue = new StubQueue(connection);
}
