using System.IO.Pipelines;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Host;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target;
using ManagedNvmet.Target.Subsystems;
using ManagedNvmet.Transport.Pipelines;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ManagedNvmet.Loopback.Tests;

public sealed class PipeTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(65536)]
    public async Task A_host_and_a_controller_understand_each_other_over_a_pair_of_pipes(int pauseWriterThreshold)
    {
        await using var shard = new Shard(new ShardOptions(), NullLogger.Instance);
        shard.Start();
        var context = new ShardContext(shard);
        var target = new NvmeTarget();
        target.AddSubsystem(new SubsystemOptions { Nqn = TestServer.Nqn, SerialNumber = "1" });
        var options = new PipeOptions(pauseWriterThreshold: pauseWriterThreshold, resumeWriterThreshold: pauseWriterThreshold / 2);
        var toController = new Pipe(options);
        var toHost = new Pipe(options);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var controllerClosed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        HostConnection? host = null;
        shard.Post(_ =>
        {
            var below = new PipeTransport(
                context, new Ends(toController.Reader, toHost.Writer), _ => controllerClosed.SetResult(), NullLogger.Instance);
            below.Begin(new ControllerConnection(below, context.Buffers, new ConnectionLimits(), target.CreateQueue, below.Now));
            var above = new PipeTransport(context, new Ends(toHost.Reader, toController.Writer), _ => { }, NullLogger.Instance);
            host = new HostConnection(above, new HostConnectionOptions(), above.Now) { OnReady = () => ready.SetResult() };
            above.Begin(host);
        }, null);
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var connect = new ConnectCommand();
        shard.Post(_ => Assert.True(host!.TrySubmit(connect)), null);
        NvmeStatus status = await connect.Ended.WaitAsync(TimeSpan.FromSeconds(30));
        shard.Post(_ => host!.Close(CloseReason.AssociationEnded), null);
        await controllerClosed.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(NvmeStatus.Success, status);
        Assert.Equal(0, shard.Buffers.RentedCount + shard.AdminBuffers.RentedCount);
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class ConnectCommand : HostCommand
    {
        private readonly TaskCompletionSource<NvmeStatus> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConnectCommand()
        {
            Entry = new SubmissionEntry { Opcode = SubmissionEntry.FabricsOpcode, FabricsType = FabricsCommandType.Connect, Cdw11 = 31 };
            Data = InitiatorController.AllocatePinned(ConnectCommandData.Size);
            ConnectCommandData.Write(Data.Span, Guid.NewGuid(), ConnectCommandData.DynamicControllerId, TestServer.Nqn,
                Nqn.Parse("nqn.2026-11.io.example:host"));
        }

        public Task<NvmeStatus> Ended => _ended.Task;

        protected override void OnCompleted() => _ended.SetResult(Status);
    }
}
