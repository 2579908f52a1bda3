using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace ManagedNvmet.Protocol.Tests;

/// <summary>Compares the wire structures with a second, independent list of the specification's offsets.</summary>
public sealed class WireLayoutTests
{
    // Structure, size, and fields as name@offset:size. Only fields inside braces may share bytes.
    private static readonly Dictionary<string, string> Expected = new()
    {
        [nameof(CommonHeader)] = "8 Type@0:1 Flags@1:1 HeaderLength@2:1 DataOffset@3:1 Length@4:4",
        [nameof(InitializeConnection)] = "128 Common@0:8 FormatVersion@8:2 DataAlignment@10:1 Digests@11:1 Limit@12:4",
        [nameof(TerminateConnection)] = "24 Common@0:8 FatalErrorStatus@8:2 FatalErrorInformation@10:4",
        [nameof(CommandCapsule)] = "72 Common@0:8 Entry@8:64",
        [nameof(ResponseCapsule)] = "24 Common@0:8 Entry@8:16",
        [nameof(DataTransfer)] = "24 Common@0:8 CommandId@8:2 TransferTag@10:2 Offset@12:4 Length@16:4",
        [nameof(CompletionEntry)] = "16 Result@0:8 SubmissionQueueHead@8:2 SubmissionQueueId@10:2 CommandId@12:2 Status@14:2",
        [nameof(DiscoveryLogEntry)] =
            "32 TransportType@0:1 AddressFamily@1:1 SubsystemType@2:1 TransportRequirements@3:1 PortId@4:2 ControllerId@6:2 "
                + "AdminQueueEntries@8:2 Flags@10:2",
        [nameof(SubmissionEntry)] =
            "64 Opcode@0:1 Flags@1:1 CommandId@2:2 {NamespaceId@4:4 FabricsType@4:1} Cdw2@8:4 Cdw3@12:4 MetadataPointer@16:8 "
                + "SglAddress@24:8 "
            + "SglLength@32:4 SglType@39:1 {Cdw10And11@40:8 Cdw10@40:4 Cdw11@44:4} {Cdw12And13@48:8 Cdw12@48:4 Cdw13@52:4} Cdw14@56:4 "
            + "Cdw15@60:4",
    };

    public static TheoryData<string> Names => [.. Structures.Select(type => type.Name)];

    private static IEnumerable<Type> Structures =>
        typeof(CommonHeader).Assembly.GetTypes().Where(
            type => type.IsValueType && type.StructLayoutAttribute?.Value == LayoutKind.Explicit);

    [Fact]
    public void Every_explicit_structure_is_in_the_table_and_the_other_way_round() =>
        Assert.Equal(Expected.Keys.Order(), Structures.Select(type => type.Name).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_structure_lies_on_the_wire_as_the_specification_says(string name)
    {
        Type type = Structures.Single(candidate => candidate.Name == name);
        string[] words = Expected[name].Replace("{", "").Replace("}", "").Split(' ');
        Assert.Equal(int.Parse(words[0]), SizeOf(type));
        Assert.Equal(
            words[1..].Order(),
            Fields(type).Select(field => $"{field.Name}@{Marshal.OffsetOf(type, field.Name)}:{SizeOf(field.FieldType)}").Order());
    }

    [Fact]
    public void The_data_of_Connect_lies_on_the_wire_as_the_specification_says()
    {
        var data = new byte[1024];
        Assert.Equal(ConnectCommandData.Size, data.Length);
        ConnectCommandData.Write(
            data, new Guid("00112233-4455-6677-8899-aabbccddeeff"), 0x1234, Nqn.Parse("nqn.2026-11.a:b"), Nqn.Parse("nqn.2026-11.c:d"));
        Assert.Equal("00112233445566778899AABBCCDDEEFF3412", Convert.ToHexString(data.AsSpan(0, 18)));
        Assert.Equal("nqn.2026-11.a:b\0", Encoding.ASCII.GetString(data.AsSpan(256, 16)));
        Assert.Equal("nqn.2026-11.c:d\0", Encoding.ASCII.GetString(data.AsSpan(512, 16)));
        Assert.Equal(0x1234, ConnectCommandData.ControllerId(data));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fields_share_bytes_only_where_the_table_says_so(string name)
    {
        var owner = new Dictionary<int, string>();
        string[] groups = Expected[name][(Expected[name].IndexOf(' ') + 1)..].Replace("{", "|{").Replace("}", "}|").Split('|');
        foreach (string group in groups)
        {
            bool isUnion = group.StartsWith('{');
            foreach (string word in group.Trim('{', '}', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = word.Split('@', ':');
                for (int at = int.Parse(parts[1]), end = at + int.Parse(parts[2]); at < end; at++)
                    Assert.True(
                        owner.TryAdd(at, isUnion ? group : word) || (isUnion && owner[at] == group),
                        $"{name}: {word} overlaps {owner[at]}");
            }
        }
    }

    [Fact]
    public void A_structure_is_cleared_before_it_is_filled()
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)0xAA, 32)];
        WireStruct.Begin<TerminateConnection>(bytes);
        Assert.All(bytes[..24], value => Assert.Equal(0, value));
        Assert.All(bytes[24..], value => Assert.Equal(0xAA, value));
    }

    [Fact]
    public void A_structure_is_read_at_any_alignment_and_never_past_the_end()
    {
        var bytes = new byte[64];
        for (int at = 0; at < 8; at++)
        {
            Pdus.InitializeRequest(hpda: 5, digests: 3).AsSpan(0, 24).CopyTo(bytes.AsSpan(at));
            Assert.Equal(128u, (uint)WireStruct.Read<CommonHeader>(bytes.AsSpan(at)).Length);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => WireStruct.Read<CommonHeader>(new byte[7]));
        Assert.Throws<ArgumentOutOfRangeException>(() => WireStruct.Begin<CommonHeader>(new byte[7]));
    }

    private static IEnumerable<FieldInfo> Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
