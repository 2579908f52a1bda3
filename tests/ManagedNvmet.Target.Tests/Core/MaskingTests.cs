using ManagedNvmet.Target.Access;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class MaskingTests
{
    private const uint NamespaceNotices = 1 << 8;
    private const uint NamespaceEvent = 0x0004_0002;

    private readonly SimulatedWorld world = new();
    private readonly Nqn friend = SimulatedWorld.NqnOf("friend");

    [Fact]
    public void A_namespace_does_not_exist_for_a_host_that_does_not_see_it()
    {
        world.AddNamespace(1);
        world.AddNamespace(2);
        world.Disk.SetNamespaceAccess(2, new NamespaceAccess { VisibleTo = [friend] });
        SimulatedQueue seer = world.EnableAs(SimulatedWorld.Host("friend"));
        SimulatedQueue other = world.EnableAs(SimulatedWorld.Host("other", 1));
        SimulatedQueue seerIo = world.ConnectIo(seer, 1);
        SimulatedQueue otherIo = world.ConnectIo(other, 1);

        Assert.Equal([1u, 2u], seer.ActiveNamespaces());
        Assert.Equal([1u], other.ActiveNamespaces());
        Assert.Equal(1000u, BitConverter.ToUInt64(seer.Identify(0x00, 2)));
        Assert.Equal(new byte[4096], other.Identify(0x00, 2));
        Assert.Equal(NvmeStatus.Success, seerIo.Read(2).Status);
        Assert.True(otherIo.Read(2).Status.IsSameCode(NvmeStatus.InvalidNamespace));
        Assert.Equal(NvmeStatus.Success, otherIo.Read(1).Status);
    }

    [Fact]
    public void A_change_of_who_sees_it_is_told_to_those_for_whom_it_changes()
    {
        world.AddNamespace(1);
        SimulatedQueue seer = Listening("friend", 0x5A, out TestCommand seerEvent);
        SimulatedQueue other = Listening("other", 1, out TestCommand otherEvent);

        world.Disk.SetNamespaceAccess(1, new NamespaceAccess { VisibleTo = [friend] });
        world.Run();
        Assert.False(seerEvent.IsDone);
        Assert.Equal(NamespaceEvent, otherEvent.Completion.Result);
        Assert.Equal([1u], Changed(other));
        Assert.Empty(Changed(seer));

        otherEvent = other.RequestEvent();
        world.Disk.SetNamespaceAccess(1, NamespaceAccess.Everybody);
        world.Run();
        Assert.False(seerEvent.IsDone);
        Assert.Equal(NamespaceEvent, otherEvent.Completion.Result);
        Assert.Equal([1u], other.ActiveNamespaces());
    }

    [Fact]
    public void A_namespace_that_comes_and_goes_is_told_to_those_who_see_it()
    {
        world.Disk.SetNamespaceAccess(1, new NamespaceAccess { VisibleTo = [friend] });
        SimulatedQueue seer = Listening("friend", 0x5A, out TestCommand seerEvent);
        Listening("other", 1, out TestCommand otherEvent);

        world.AddNamespace(1);
        Assert.Equal(NamespaceEvent, seerEvent.Completion.Result);
        Assert.Equal([1u], Changed(seer));

        seerEvent = seer.RequestEvent();
        Task removal = world.Disk.RemoveNamespace(1)!;
        world.Run();
        Assert.True(removal.IsCompletedSuccessfully);
        Assert.Equal(NamespaceEvent, seerEvent.Completion.Result);
        Assert.False(otherEvent.IsDone);
    }

    [Fact]
    public void A_host_that_may_only_read_is_told_of_write_protection_and_cannot_write()
    {
        world.AddNamespace(1);
        world.Disk.SetNamespaceAccess(1, new NamespaceAccess { ReadOnlyFor = [friend] });
        SimulatedQueue reader = world.EnableAs(SimulatedWorld.Host("friend"));
        SimulatedQueue writer = world.EnableAs(SimulatedWorld.Host("other", 1));
        SimulatedQueue readerIo = world.ConnectIo(reader, 1);
        SimulatedQueue writerIo = world.ConnectIo(writer, 1);

        Assert.Equal(1, reader.Identify(0x00, 1)[99]);
        Assert.Equal(0, writer.Identify(0x00, 1)[99]);
        Assert.True(Write(readerIo).Status.IsSameCode(NvmeStatus.NamespaceWriteProtected));
        Assert.Equal(0, world.Device.WriteCount);
        Assert.Equal(NvmeStatus.Success, readerIo.Read().Status);
        Assert.Equal(NvmeStatus.Success, Write(writerIo).Status);
    }

    [Fact]
    public void Write_protection_that_comes_is_an_event_and_is_in_force_when_the_task_ends()
    {
        world.AddNamespace(1);
        SimulatedQueue reader = Listening("friend", 0x5A, out TestCommand happened);
        SimulatedQueue io = world.ConnectIo(reader, 1);
        world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        TestCommand read = io.StartRead();
        world.Run();

        Task inForce = world.Disk.SetNamespaceAccess(1, new NamespaceAccess { ReadOnlyFor = [friend] });
        world.Run();
        Assert.False(inForce.IsCompleted);
        Assert.Equal(NamespaceEvent, happened.Completion.Result);

        world.Device.ReleaseOne();
        world.Run();
        Assert.Equal(NvmeStatus.Success, write.Status);
        Assert.True(inForce.IsCompletedSuccessfully);
        Assert.False(read.IsDone);
        world.Device.Release();
        world.Run();
        Assert.Equal(NvmeStatus.Success, read.Status);
        Assert.True(Write(io).Status.IsSameCode(NvmeStatus.NamespaceWriteProtected));
    }

    [Fact]
    public void Visibility_that_is_lost_is_lost_when_the_last_command_has_ended()
    {
        world.AddNamespace(1);
        SimulatedQueue admin = world.EnableAs(SimulatedWorld.Host("other", 1));
        SimulatedQueue io = world.ConnectIo(admin, 1);
        world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        world.Run();

        Task inForce = world.Disk.SetNamespaceAccess(1, new NamespaceAccess { VisibleTo = [] });
        world.Run();
        Assert.False(inForce.IsCompleted);
        Assert.True(io.Read().Status.IsSameCode(NvmeStatus.InvalidNamespace));

        world.Device.Release();
        world.Run();
        Assert.True(inForce.IsCompletedSuccessfully);
        Assert.Equal(NvmeStatus.Success, write.Status);
    }

    [Fact]
    public void A_mask_that_changes_nothing_waits_for_what_the_one_before_has_not_ended()
    {
        world.AddNamespace(1);
        SimulatedQueue io = world.ConnectIo(world.EnableAs(SimulatedWorld.Host("other", 1)), 1);
        world.Device.IsHolding = true;
        io.StartWrite();
        world.Run();

        world.Disk.SetNamespaceAccess(1, new NamespaceAccess { VisibleTo = [] });
        Task again = world.Disk.SetNamespaceAccess(1, new NamespaceAccess { VisibleTo = [] });
        world.Run();
        Assert.False(again.IsCompleted);

        world.Device.Release();
        world.Run();
        Assert.True(again.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_namespace_that_is_replaced_keeps_its_device_and_tells_its_hosts()
    {
        Namespace before = world.AddNamespace(1);
        SimulatedQueue admin = Listening("friend", 0x5A, out TestCommand happened);
        SimulatedQueue io = world.ConnectIo(admin, 1);

        world.Disk.ReplaceNamespace(new Namespace(1, world.Device, before.Identity) { IsReadOnly = true, AnaGroup = 3 });
        world.Run();

        Assert.Equal(NamespaceEvent, happened.Completion.Result);
        byte[] page = admin.Identify(0x00, 1);
        Assert.Equal(1, page[99]);
        Assert.Equal(3u, BitConverter.ToUInt32(page, 92));
        Assert.True(Write(io).Status.IsSameCode(NvmeStatus.NamespaceWriteProtected));
        Assert.Throws<ArgumentException>(() => world.Disk.ReplaceNamespace(new Namespace(1, new SimulatedDevice(), before.Identity)));
        Assert.Throws<ArgumentException>(() => world.Disk.ReplaceNamespace(new Namespace(2, world.Device, before.Identity)));
        Assert.Throws<ArgumentException>(
            () => world.Disk.ReplaceNamespace(new Namespace(1, world.Device, before.Identity) { AnaGroup = 129 }));
    }

    [Fact]
    public void Several_namespaces_come_together_or_not_at_all()
    {
        Namespace Made(uint id) => new(id, world.Device, NamespaceIdentity.CreateRandom());
        Assert.Throws<ArgumentException>(() => world.Disk.AddNamespaces([Made(1), Made(2), Made(1)]));
        Assert.Equal(0, world.Disk.Namespaces.Length);

        world.Disk.AddNamespaces([Made(3), Made(1), Made(2)]);
        Assert.Equal([1u, 2u, 3u], world.Disk.Namespaces.ToArray().Select(static each => each.Id));
    }

    private static TestCommand Write(SimulatedQueue io)
    {
        TestCommand write = io.StartWrite();
        io.Settle();
        return write;
    }

    private static uint[] Changed(SimulatedQueue admin)
    {
        TestCommand read = admin.ReadLog(0x04, 4096);
        return [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(read.Data.Span).ToArray().TakeWhile(static id => id != 0)];
    }

    private SimulatedQueue Listening(string name, byte id, out TestCommand request)
    {
        SimulatedQueue admin = world.EnableAs(SimulatedWorld.Host(name, id));
        admin.SetFeature(0x0B, NamespaceNotices);
        request = admin.RequestEvent();
        return admin;
    }
}
