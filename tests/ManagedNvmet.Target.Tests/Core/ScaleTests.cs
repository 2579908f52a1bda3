using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Subsystems;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class ScaleTests
{
    [Fact]
    public void Ten_thousand_namespaces_of_one_subsystem_are_listed_masked_and_used()
    {
        const uint count = 10_000;
        var world = new SimulatedWorld(new TargetOptions { Limits = new TargetLimits { MaxNamespaces = count } });
        world.Disk.AddNamespaces(
            [.. Enumerable.Range(1, (int)count).Select(id => new Namespace((uint)id, world.Device, NamespaceIdentity.CreateRandom()))]);
        world.Disk.SetNamespaceAccess(9_500, new NamespaceAccess { VisibleTo = [SimulatedWorld.NqnOf("friend")] });
        SimulatedQueue admin = world.Enable();
        SimulatedQueue io = world.ConnectIo(admin, 1);

        uint last = 0;
        int seen = 0;
        for (uint[] page = List(admin, 0); page.Length > 0; page = List(admin, last))
        {
            seen += page.Length;
            last = page[^1];
        }

        Assert.Equal(((int)count - 1, count), (seen, last));
        Assert.Equal(NvmeStatus.Success, io.Read(count).Status);
        Assert.True(io.Read(9_500).Status.IsSameCode(NvmeStatus.InvalidNamespace));
        byte[] ana = admin.ReadLog(0x0C, 48 + (int)count * 4).Data.ToArray();
        Assert.Equal(count - 1, BinaryPrimitives.ReadUInt32LittleEndian(ana.AsSpan(20)));
    }

    [Fact]
    public void A_thousand_subsystems_are_told_to_a_thousand_hosts_each_its_own()
    {
        const int count = 1_000;
        var world = new SimulatedWorld();
        using (world.Target.BatchChanges())
        {
            world.Target.SetPorts([new Port(1, IPAddress.Any, 4420)]);
            for (int index = 0; index < count; index++)
            {
                world.Target.AddSubsystem(new SubsystemOptions
                {
                    Nqn = SimulatedWorld.NqnOf($"s{index}"),
                    SerialNumber = $"{index}",
                    Access = SubsystemAccess.Of([SimulatedWorld.NqnOf($"h{index}")]),
                });
            }
        }
        world.Disk.SetHidden(true);

        SimulatedQueue discovery = world.EnableAs(SimulatedWorld.Host("h777", subsystem: Nqn.Discovery));
        byte[] log = discovery.ReadLog(0x70, 3072).Data.ToArray();
        Assert.Equal(2u, BinaryPrimitives.ReadUInt64LittleEndian(log.AsSpan(8)));
        Assert.True(Nqn.TryReadField(log.AsSpan(2048 + 256, 256), out Nqn? told));
        Assert.Equal(SimulatedWorld.NqnOf("s777"), told);
        world.EnableAs(SimulatedWorld.Host("h777", subsystem: SimulatedWorld.NqnOf("s777")));
        TestCommand other = world.Open().Connect(SimulatedWorld.Host("h777", subsystem: SimulatedWorld.NqnOf("s778")));
        Assert.Equal(NvmeStatus.ConnectInvalidHost, other.Status);
    }

    private static uint[] List(SimulatedQueue admin, uint after)
    {
        TestCommand list = admin.Send(new SubmissionEntry { Opcode = 0x06, NamespaceId = after, Cdw10 = 0x02 }, new byte[4096]);
        Assert.Equal(NvmeStatus.Success, list.Status);
        return [.. MemoryMarshal.Cast<byte, uint>(list.Data.Span).ToArray().TakeWhile(static id => id != 0)];
    }
}
