using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ManagedNvmet.Target.Identify;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class WireLayoutTests
{
    private static readonly Type[] Structures = [.. typeof(ControllerData).Assembly.GetTypes()
        .Where(type => type is { IsValueType: true, IsExplicitLayout: true, IsEnum: false } && type.Namespace!.StartsWith("ManagedNvmet.Target", StringComparison.Ordinal))
        .OrderBy(type => type.Name, StringComparer.Ordinal)];

    public static TheoryData<string> Names => [.. Structures.Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_structure_has_the_size_it_says_and_no_padding_rules(string name)
    {
        Type type = Structures.Single(each => each.FullName == name);
        Assert.Equal(type.GetField("Size")!.GetRawConstantValue(), SizeOf(type));
        Assert.Equal(1, type.StructLayoutAttribute!.Pack);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fields_stand_in_the_order_of_their_offsets_and_never_overlap_or_leave_the_structure(string name)
    {
        Type type = Structures.Single(each => each.FullName == name);
        int end = 0;
        foreach (FieldInfo field in FieldsOf(type))
        {
            int offset = field.GetCustomAttribute<FieldOffsetAttribute>()!.Value;
            Assert.True(offset >= end, $"{name}.{field.Name} at {offset} begins before {end}, where the last field ends.");
            end = offset + SizeOf(field.FieldType);
        }
        Assert.True(end <= SizeOf(type), $"{name} ends at {end}.");
    }

    [Fact]
    public void Structures_have_the_offsets_of_the_specification()
    {
        var text = new StringBuilder();
        foreach (Type type in Structures)
        {
            text.Append(type.Name).Append(' ').Append(SizeOf(type)).Append(':');
            foreach (FieldInfo field in FieldsOf(type))
            {
                text.Append(' ').Append(field.Name).Append('@').Append(field.GetCustomAttribute<FieldOffsetAttribute>()!.Value)
                    .Append('+').Append(SizeOf(field.FieldType));
            }
            text.Append('\n');
        }
        const string expected = """
            ControllerData 4096: SerialNumber@4+20 ModelNumber@24+40 FirmwareRevision@64+8 RecommendedArbitrationBurst@72+1 MultiPath@76+1 MaxTransfer@77+1 ControllerId@78+2 Version@80+4 AsyncEvents@92+4 Attributes@96+4 ControllerType@111+1 AbortLimit@258+1 AsyncEventRequestLimit@259+1 FirmwareUpdates@260+1 LogPageAttributes@261+1 ErrorLogEntries@262+1 KeepAliveGranularity@320+2 SubmissionEntrySize@512+1 CompletionEntrySize@513+1 MaxCommands@514+2 NamespaceCount@516+4 OptionalSupport@520+2 VolatileWriteCache@525+1 SglsSupport@536+4 MaxNamespaces@540+4 SubsystemNqn@768+256 IoCommandCapsuleSize@1792+4 IoResponseCapsuleSize@1796+4 MaxSglDescriptors@1803+1
            ErrorLogEntry 64: ErrorCount@0+8 SubmissionQueueId@8+2 CommandId@10+2 Status@12+2 ParameterErrorLocation@14+2 Lba@16+8 NamespaceId@24+4 TransportType@29+1 CommandSet@30+1 Opcode@31+1 Version@63+1
            FirmwareSlotData 512: ActiveFirmware@0+1 FirstSlotRevision@8+8
            HealthData 512: AvailableSpare@3+1 DataUnitsRead@32+16 DataUnitsWritten@48+16 HostReadCommands@64+16 HostWriteCommands@80+16 BusyMinutes@96+16 PowerCycles@112+16 PowerOnHours@128+16 MediaErrors@160+16 ErrorLogEntries@176+16
            IndependentNamespaceData 4096: Features@0+1 MultiPath@1+1 Attributes@8+1 Status@14+1
            LbaFormat 4: MetadataSize@0+2 DataSizeShift@2+1
            NamespaceData 4096: BlockCount@0+8 Capacity@8+8 Utilization@16+8 Features@24+1 MultiPath@30+1 DeallocateFeatures@33+1 CapacityBytes@48+16 PreferredWriteGranularity@64+2 PreferredWriteAlignment@66+2 PreferredDeallocateGranularity@68+2 PreferredDeallocateAlignment@70+2 OptimalWriteSize@72+2 Attributes@99+1 Nguid@104+16 Eui64@120+8 Format@128+4
            RangeEntry 16: BlockCount@4+4 FirstBlock@8+8

            """;
        Assert.Equal(expected, text.ToString(), ignoreLineEndingDifferences: true);
    }

    private static IEnumerable<FieldInfo> FieldsOf(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(field => field.MetadataToken);

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
