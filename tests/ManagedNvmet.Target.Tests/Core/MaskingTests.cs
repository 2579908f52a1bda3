using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Namespaces;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class MaskingTests
{
    private const uint NamespaceNotices = 1 << 8;
    private const uint NamespaceEvent = 0x0004_0002;

    private readonly SimulatedWorld _world = new();
    private readonly Nqn _friend = SimulatedWorld.NqnOf("friend");

    [Fact]
    public void A_namespace_does_not_exist_for_a_host_that_does_not_see_it()
    {
        _world.AddNamespace(1);
        _world.AddNamespace(2);
        _world.Disk.SetNamespaceAccess(2, new NamespaceAccess { VisibleTo = [_friend] });
        SimulatedQueue seer = _world.EnableAs(SimulatedWorld.Host("friend"));
        SimulatedQueue other = _world.EnableAs(SimulatedWorld.Host("other", 1));
        SimulatedQueue seerIo = _world.ConnectIo(seer, 1);
        SimulatedQueue otherIo = _world.ConnectIo(other, 1);

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
        _world.AddNamespace(1);
        SimulatedQueue seer = Listening("friend", 0x5A, out TestCommand seerEvent);
        SimulatedQueue other = Listening("other", 1, out TestCommand otherEvent);

        _world.Disk.SetNamespaceAccess(1, new NamespaceAccess { VisibleTo = [_friend] });
        _world.Run();
        Assert.False(seerEvent.IsDone);
        Assert.Equal(NamespaceEvent, otherEvent.Completion.Result);
        Assert.Equal([1u], Changed(other));
        Assert.Empty(Changed(seer));

        otherEvent = other.RequestEvent();
        _world.Disk.SetNamespaceAccess(1, NamespaceAccess.Everybody);
        _world.Run();
        Assert.False(seerEvent.IsDone);
        Assert.Equal(NamespaceEvent, otherEvent.Completion.Result);
        Assert.Equal([1u], other.ActiveNamespaces());
    }

    [Fact]
    public void A_namespace_that_comes_and_goes_is_told_to_those_who_see_it()
    {
        _world.Disk.SetNamespaceAccess(1, new NamespaceAccess { VisibleTo = [_friend] });
        SimulatedQueue seer = Listening("friend", 0x5A, out TestCommand seerEvent);
        Listening("other", 1, out TestCommand otherEvent);

        _world.AddNamespace(1);
        Assert.Equal(NamespaceEvent, seerEvent.Completion.Result);
        Assert.Equal([1u], Changed(seer));

        seerEvent = seer.RequestEvent();
        Task removal = _world.Disk.RemoveNamespace(1)!;
        _world.Run();
        Assert.True(removal.IsCompletedSuccessfully);
        Assert.Equal(NamespaceEvent, seerEvent.Completion.Result);
        Assert.False(otherEvent.IsDone);
    }

    [Fact]
    public void A_host_that_may_only_read_is_told_of_write_protection_and_cannot_write()
    {
        _world.AddNamespace(1);
        _world.Disk.SetNamespaceAccess(1, new NamespaceAccess { ReadOnlyFor = [_friend] });
        SimulatedQueue reader = _world.EnableAs(SimulatedWorld.Host("friend"));
        SimulatedQueue writer = _world.EnableAs(SimulatedWorld.Host("other", 1));
        SimulatedQueue readerIo = _world.ConnectIo(reader, 1);
        SimulatedQueue writerIo = _world.ConnectIo(writer, 1);

        Assert.Equal(1, reader.Identify(0x00, 1)[99]);
        Assert.Equal(0, writer.Identify(0x00, 1)[99]);
        Assert.True(Write(readerIo).Status.IsSameCode(NvmeStatus.NamespaceWriteProtected));
        Assert.Equal(0, _world.Device.WriteCount);
        Assert.Equal(NvmeStatus.Success, readerIo.Read().Status);
        Assert.Equal(NvmeStatus.Success, Write(writerIo).Status);
    }

    [Fact]
    public void Write_protection_that_comes_is_an_event_and_is_in_force_when_the_task_ends()
    {
        _world.AddNamespace(1);
        SimulatedQueue reader = Listening("friend", 0x5A, out TestCommand happened);
        SimulatedQueue io = _world.ConnectIo(reader, 1);
        _world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        TestCommand read = io.StartRead();
        _world.Run();

        Task inForce = _world.Disk.SetNamespaceAccess(1, new NamespaceAccess { ReadOnlyFor = [_friend] });
        _world.Run();
        Assert.False(inForce.IsCompleted);
        Assert.Equal(NamespaceEvent, happened.Completion.Result);

        _world.Device.ReleaseOne();
        _world.Run();
        Assert.Equal(NvmeStatus.Success, write.Status);
        Assert.True(inForce.IsCompletedSuccessfully);
        Assert.False(read.IsDone);
        _world.Device.Release();
        _world.Run();
        Assert.Equal(NvmeStatus.Success, read.Status);
        Assert.True(Write(io).Status.IsSameCode(NvmeStatus.NamespaceWriteProtected));
    }

    [Fact]
    public void Visibility_that_is_lost_is_lost_when_the_last_command_has_ended()
    {
        _world.AddNamespace(1);
        SimulatedQueue admin = _world.EnableAs(SimulatedWorld.Host("other", 1));
        SimulatedQueue io = _world.ConnectIo(admin, 1);
        _world.Device.IsHolding = true;
        TestCommand write = io.StartWrite();
        _world.Run();

        Task inForce = _world.Disk.SetNamespaceAccess(1, new NamespaceAccess { VisibleTo = [] });
        _world.Run();
        Assert.False(inForce.IsCompleted);
        Assert.True(io.Read().Status.IsSameCode(NvmeStatus.InvalidNamespace));

        _world.Device.Release();
        _world.Run();
        Assert.True(inForce.IsCompletedSuccessfully);
        Assert.Equal(NvmeStatus.Success, write.Status);
    }

    [Fact]
    public void A_mask_that_changes_nothing_waits_for_what_the_one_before_has_not_ended()
    {
        _world.AddNamespace(1);
        SimulatedQueue io = _world.ConnectIo(_world.EnableAs(SimulatedWorld.Host("other", 1)), 1);
        _world.Device.IsHolding = true;
        io.StartWrite();
        _world.Run();

        _world.Disk.SetNamespaceAccess(1, new NamespaceAccess { VisibleTo = [] });
        Task again = _world.Disk.SetNamespaceAccess(1, new NamespaceAccess { VisibleTo = [] });
        _world.Run();
        Assert.False(again.IsCompleted);

        _world.Device.Release();
        _world.Run();
        Assert.True(again.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_namespace_that_is_replaced_keeps_its_device_and_tells_its_hosts()
    {
        Namespace before = _world.AddNamespace(1);
        SimulatedQueue admin = Listening("friend", 0x5A, out TestCommand happened);
        SimulatedQueue io = _world.ConnectIo(admin, 1);

        _world.Disk.ReplaceNamespace(new Namespace(1, _world.Device, before.Identity) { IsReadOnly = true, AnaGroup = 3 });
        _world.Run();

        Assert.Equal(NamespaceEvent, happened.Completion.Result);
        byte[] page = admin.Identify(0x00, 1);
        Assert.Equal(1, page[99]);
        Assert.Equal(3u, BitConverter.ToUInt32(page, 92));
        Assert.True(Write(io).Status.IsSameCode(NvmeStatus.NamespaceWriteProtected));
        Assert.Throws<ArgumentException>(() => _world.Disk.ReplaceNamespace(new Namespace(1, new SimulatedDevice(), before.Identity)));
        Assert.Throws<ArgumentException>(() => _world.Disk.ReplaceNamespace(new Namespace(2, _world.Device, before.Identity)));
        Assert.Throws<ArgumentException>(
            () => _world.Disk.ReplaceNamespace(new Namespace(1, _world.Device, before.Identity) { AnaGroup = 129 }));
    }

    [Fact]
    public void Several_namespaces_come_together_or_not_at_all()
    {
        Namespace Made(uint id) => new(id, _world.Device, NamespaceIdentity.CreateRandom());
        Assert.Throws<ArgumentException>(() => _world.Disk.AddNamespaces([Made(1), Made(2), Made(1)]));
        Assert.Equal(0, _world.Disk.Namespaces.Length);

        _world.Disk.AddNamespaces([Made(3), Made(1), Made(2)]);
        Assert.Equal([1u, 2u, 3u], _world.Disk.Namespaces.ToArray().Select(static each => each.Id));
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
        SimulatedQueue admin = _world.EnableAs(SimulatedWorld.Host(name, id));
        admin.SetFeature(0x0B, NamespaceNotices);
        request = admin.RequestEvent();
        return admin;
    }
}
