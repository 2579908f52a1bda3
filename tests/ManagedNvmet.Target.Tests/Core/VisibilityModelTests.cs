using System.Collections.Immutable;
using System.Net;
using CsCheck;
using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Ports;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

/// <summary>Applies random changes of an operator while hosts are connected, and compares the target with a small model: which host sees
/// which namespaces, is connected, may write, and got an event.</summary>
public sealed class VisibilityModelTests
{
    private const int HostCount = 3;
    private const uint NamespaceCount = 3;
    private const uint NamespaceNotices = 1 << 8;

    private enum Kind
    {
        Add,
        Remove,
        Mask,
        Protect,
        Allow,
        Export,
        Connect,
        Hide,
    }

    private static readonly Gen<(Kind Kind, uint NamespaceId, int Hosts)[]> Changes = Gen.Select(
        Gen.Enum<Kind>(), Gen.UInt[1, NamespaceCount], Gen.Int[0, (1 << HostCount) - 1]).Array[1, 40];

    [Fact]
    public void Hosts_see_and_hear_what_the_model_says() => Changes.Sample(changes =>
    {
        var run = new Run();
        foreach ((Kind kind, uint namespaceId, int hosts) in changes)
            run.Apply(kind, namespaceId, hosts);
    }, iter: 300, threads: 1);

    private sealed class Run
    {
        private readonly SimulatedWorld _world = new();
        private readonly Member[] _members = new Member[HostCount];
        private readonly SortedSet<uint> _present = [];
        private readonly Dictionary<uint, int> _visibleTo = [];
        private readonly Dictionary<uint, int> _readOnlyFor = [];
        private int _allowed = (1 << HostCount) - 1;
        private bool _isExported = true;
        private bool _isHidden;

        public Run()
        {
            SetPorts();
            for (int index = 0; index < HostCount; index++)
                _members[index] = new Member(index);
        }

        public void Apply(Kind kind, uint namespaceId, int hosts)
        {
            switch (kind)
            {
                case Kind.Add when _present.Add(namespaceId):
                    _world.Disk.AddNamespace(new Namespace(namespaceId, new SimulatedDevice(), NamespaceIdentity.CreateRandom()));
                    break;
                case Kind.Remove when _present.Remove(namespaceId):
                    Task removal = _world.Disk.RemoveNamespace(namespaceId)!;
                    _world.Run();
                    Assert.True(removal.IsCompletedSuccessfully);
                    break;
                case Kind.Mask or Kind.Protect:
                    (kind == Kind.Mask ? _visibleTo : _readOnlyFor)[namespaceId] = hosts;
                    Task inForce = _world.Disk.SetNamespaceAccess(namespaceId, new NamespaceAccess
                    {
                        VisibleTo = _visibleTo.TryGetValue(namespaceId, out int visible) ? Names(visible) : null,
                        ReadOnlyFor = Names(_readOnlyFor.GetValueOrDefault(namespaceId)),
                    });
                    _world.Run();
                    Assert.True(inForce.IsCompletedSuccessfully);
                    break;
                case Kind.Allow:
                    _allowed = hosts;
                    _world.Disk.SetAccess(SubsystemAccess.Of(Names(hosts)));
                    break;
                case Kind.Export:
                    _isExported = hosts != 0;
                    SetPorts();
                    break;
                case Kind.Hide:
                    _isHidden = !_isHidden;
                    _world.Disk.SetHidden(_isHidden);
                    break;
                case Kind.Connect:
                    foreach (Member member in _members)
                        Connect(member);
                    break;
                default:
                    break;
            }
            _world.Run();
            foreach (Member member in _members)
                Check(member);
        }

        private static ImmutableHashSet<Nqn> Names(int hosts) =>
            [.. Enumerable.Range(0, HostCount).Where(index => (hosts & (1 << index)) != 0).Select(static index => NameOf(index))];

        private static Nqn NameOf(int index) => SimulatedWorld.NqnOf($"h{index}");

        private void SetPorts() => _world.Target.SetPorts(
            [new Port(1, IPAddress.Any, 4420) { Subsystems = _isExported ? null : ImmutableHashSet<Nqn>.Empty }]);

        private void Connect(Member member)
        {
            if (member.Admin is { IsOpen: true })
                return;
            SimulatedQueue admin = _world.Open();
            TestCommand connect = admin.Connect(SimulatedWorld.Host($"h{member.Index}", (byte)member.Index));
            Assert.Equal(MayUse(member), connect.Status.IsSuccess);
            if (!connect.Status.IsSuccess)
            {
                admin.Cut();
                return;
            }
            admin.ControllerId = (ushort)connect.Completion.Result;
            admin.SetProperty(0x14, 0x00460001);
            admin.SetFeature(0x0B, NamespaceNotices);
            member.Admin = admin;
            member.Io = _world.ConnectIo(admin, 1);
            member.Event = admin.RequestEvent();
            member.Known = See(member);
        }

        private bool MayUse(Member member) => _isExported && (_allowed & (1 << member.Index)) != 0;

        // Returns the namespaces that the model shows to a host: NSID, and whether the host may write.
        private Dictionary<uint, bool> See(Member member) => _present
            .Where(id => (_visibleTo.GetValueOrDefault(id, -1) & (1 << member.Index)) != 0)
            .ToDictionary(static id => id, id => (_readOnlyFor.GetValueOrDefault(id) & (1 << member.Index)) == 0);

        private void Check(Member member)
        {
            if (member.Admin is not { } admin)
                return;
            if (!MayUse(member))
            {
                Assert.False(admin.IsOpen);
                Assert.False(member.Io!.IsOpen);
                member.Admin = null;
                return;
            }
            Assert.True(admin.IsOpen);
            Dictionary<uint, bool> sees = See(member);
            Assert.Equal(sees.Keys.Order(), admin.ActiveNamespaces());
            for (uint id = 1; id <= NamespaceCount; id++)
            {
                TestCommand write = member.Io!.StartWrite(namespaceId: id);
                TestCommand read = member.Io.Read(id);
                NvmeStatus expected = !sees.TryGetValue(id, out bool mayWrite) ? NvmeStatus.InvalidNamespace
                    : mayWrite ? NvmeStatus.Success
                    : NvmeStatus.NamespaceWriteProtected;
                Assert.True(write.Status.IsSameCode(expected), $"write of {id}: {write.Status}, expected {expected}");
                Assert.True(read.Status.IsSameCode(sees.ContainsKey(id) ? NvmeStatus.Success : NvmeStatus.InvalidNamespace));
            }
            CheckEvents(member, sees);
        }

        private static void CheckEvents(Member member, Dictionary<uint, bool> sees)
        {
            uint[] expected =
            [
                .. sees.Keys.Union(member.Known.Keys).Order().Where(id =>
                    sees.ContainsKey(id) != member.Known.ContainsKey(id)
                        || sees.GetValueOrDefault(id) != member.Known.GetValueOrDefault(id)),
            ];
            Assert.Equal(expected.Length > 0, member.Event!.IsDone);
            if (expected.Length == 0)
                return;
            Assert.Equal(0x0004_0002u, member.Event.Completion.Result);
            TestCommand list = member.Admin!.ReadLog(0x04, 4096);
            Assert.Equal(
                expected,
                System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(list.Data.Span).ToArray().TakeWhile(static id => id != 0));
            member.Event = member.Admin.RequestEvent();
            member.Known = sees;
        }
    }

    private sealed class Member(int index)
    {
        public int Index { get; } = index;

        public SimulatedQueue? Admin { get; set; }

        public SimulatedQueue? Io { get; set; }

        public TestCommand? Event { get; set; }

        public Dictionary<uint, bool> Known { get; set; } = [];
    }
}
