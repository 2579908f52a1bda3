using System.Text;
using ManagedNvmet.Target.Controllers;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class ControllerStateMachineTests
{
    [Fact]
    public void The_whole_matrix_of_states_and_events_is_this()
    {
        var text = new StringBuilder();
        foreach (ControllerState state in Enum.GetValues<ControllerState>())
        {
            foreach (ControllerEvent happened in Enum.GetValues<ControllerEvent>())
            {
                if (ControllerStateMachine.Next(state, happened) is { } next)
                    text.Append($"{state} + {happened} = {next}\n");
            }
        }

        Assert.Equal(
            """
            Disabled + Enable = Ready
            Disabled + Shutdown = ShuttingDown
            Disabled + Fail = Failed
            Disabled + Close = Closed
            Ready + Disable = Resetting
            Ready + Shutdown = ShuttingDown
            Ready + Fail = Failed
            Ready + Close = Closed
            Resetting + ResetDone = Disabled
            Resetting + Fail = Failed
            Resetting + Close = Closed
            ShuttingDown + Disable = Resetting
            ShuttingDown + Shutdown = ShuttingDown
            ShuttingDown + ShutdownDone = ShutDown
            ShuttingDown + Fail = Failed
            ShuttingDown + Close = Closed
            ShutDown + Enable = Ready
            ShutDown + Disable = Resetting
            ShutDown + Shutdown = ShutDown
            ShutDown + Fail = Failed
            ShutDown + Close = Closed
            Failed + Close = Closed

            """,
            text.ToString());
    }

    [Theory]
    [InlineData(0x00460001u, true)]
    [InlineData(0x00460000u, true)]
    [InlineData(0x00460011u, false)] // CSS 1
    [InlineData(0x00460061u, false)] // CSS 6 needs CAP.CSS bit 43
    [InlineData(0x00460081u, false)] // MPS 1
    [InlineData(0x00460801u, false)] // AMS 1
    [InlineData(0x0046C000u, false)] // SHN 3
    [InlineData(0x01460001u, false)] // CRIME
    [InlineData(0x00464001u, false)] // EN 0 to 1 with SHN
    [InlineData(0xFE460001u, true)]  // reserved bits are not checked
    public void A_controller_configuration_is_taken_or_refused(uint value, bool isTaken)
    {
        NvmeStatus status = default(ControllerConfiguration).Write(value, ControllerState.Disabled, out var written, out _);

        Assert.Equal(isTaken ? NvmeStatus.Success : NvmeStatus.InvalidField, status);
        Assert.Equal(0u, written.Value & 0xFE00_000E);
    }

    [Fact]
    public void A_write_that_clears_enable_and_asks_for_a_shutdown_is_a_reset()
    {
        new ControllerConfiguration(0x00460001).Write(0x00464000, ControllerState.Ready, out _, out ControllerEvent? happened);

        Assert.Equal(ControllerEvent.Disable, happened);
    }

    [Fact]
    public void Enable_while_a_reset_is_under_way_is_refused()
    {
        Assert.Equal(
            NvmeStatus.CommandSequenceError, default(ControllerConfiguration).Write(0x00460001, ControllerState.Resetting, out _, out _));
    }

    [Fact]
    public void Capabilities_say_what_a_version_2_0_controller_must_say()
    {
        ulong cap = ControllerProperties.Capabilities(new TargetLimits { MaxQueueEntries = 1024 });

        Assert.Equal(1023u, cap & 0xFFFF);
        Assert.Equal(1u, (cap >> 16) & 1);
        Assert.Equal(30u, (cap >> 24) & 0xFF);
        Assert.Equal(1u, (cap >> 37) & 0xFF);
        Assert.Equal(1u, (cap >> 59) & 3);
        Assert.True(ControllerProperties.TryRead(new TargetLimits(), ControllerState.Disabled, default, 0x68, 4, out ulong crto));
        Assert.True(crto >= 30);
    }

    [Theory]
    [InlineData(0x0Cu, 4)]
    [InlineData(0x20u, 4)]
    [InlineData(0x14u, 8)]
    [InlineData(0x1Cu, 8)]
    [InlineData(0xFFFFFFFCu, 4)]
    public void A_property_that_is_not_there_cannot_be_read(uint offset, int size)
    {
        Assert.False(ControllerProperties.TryRead(new TargetLimits(), ControllerState.Ready, default, offset, size, out ulong value));
        Assert.Equal(0u, value);
    }
}
