using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ManagedNvmet.Target.Identify;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class WireLayoutTests
{
    private const string Root = "ManagedNvmet.Target";

    // C# namespaces whose structures are in the list below. The other rules apply to all structures.
    private static readonly string[] Listed = [$"{Root}.Identify", $"{Root}.LogPages", $"{Root}.Health", $"{Root}.Commands.Nvm"];

    private static readonly Type[] Structures = [.. typeof(ControllerData).Assembly.GetTypes()
        .Where(type => type is { IsValueType: true, IsExplicitLayout: true, IsEnum: false }
            && type.Namespace!.StartsWith(Root, StringComparison.Ordinal))
        .OrderBy(type => type.Name, StringComparer.Ordinal)];

    public static TheoryData<string> Names => [.. Structures.Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_structure_has_the_size_it_says_and_no_padding_rules(string name)
    {
        Type type = Structures.Single(each => each.FullName == name);
        Assert.Equal(type.StructLayoutAttribute!.Size, SizeOf(type));
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
        foreach (Type type in Structures.Where(type => Listed.Contains(type.Namespace)))
        {
            text.Append($"{type.Name} {SizeOf(type)}\n");
            foreach (FieldInfo field in FieldsOf(type))
                text.Append($"{field.GetCustomAttribute<FieldOffsetAttribute>()!.Value,5} {SizeOf(field.FieldType),3} {field.Name}\n");
        }
        const string expected = """
            ControllerData 4096
                4  20 SerialNumber
               24  40 ModelNumber
               64   8 FirmwareRevision
               72   1 RecommendedArbitrationBurst
               76   1 MultiPath
               77   1 MaxTransfer
               78   2 ControllerId
               80   4 Version
               92   4 AsyncEvents
               96   4 Attributes
              111   1 ControllerType
              258   1 AbortLimit
              259   1 AsyncEventRequestLimit
              260   1 FirmwareUpdates
              261   1 LogPageAttributes
              262   1 ErrorLogEntries
              320   2 KeepAliveGranularity
              342   1 AnaTransitionSeconds
              343   1 AnaCapabilities
              344   4 HighestAnaGroup
              348   4 AnaGroupCount
              512   1 SubmissionEntrySize
              513   1 CompletionEntrySize
              514   2 MaxCommands
              516   4 NamespaceCount
              520   2 OptionalSupport
              525   1 VolatileWriteCache
              536   4 SglsSupport
              540   4 MaxNamespaces
              768 256 SubsystemNqn
             1792   4 IoCommandCapsuleSize
             1796   4 IoResponseCapsuleSize
             1803   1 MaxSglDescriptors
             1804   2 OptionalFabricsCommands
             1806   1 DiscoveryControllerType
            ErrorLogEntry 64
                0   8 ErrorCount
                8   2 SubmissionQueueId
               10   2 CommandId
               12   2 Status
               14   2 ParameterErrorLocation
               16   8 Lba
               24   4 NamespaceId
               29   1 TransportType
               30   1 CommandSet
               31   1 Opcode
               63   1 Version
            FirmwareSlotData 512
                0   1 ActiveFirmware
                8   8 FirstSlotRevision
            HealthData 512
                3   1 AvailableSpare
               32  16 DataUnitsRead
               48  16 DataUnitsWritten
               64  16 HostReadCommands
               80  16 HostWriteCommands
               96  16 BusyMinutes
              112  16 PowerCycles
              128  16 PowerOnHours
              160  16 MediaErrors
              176  16 ErrorLogEntries
            IndependentNamespaceData 4096
                0   1 Features
                1   1 MultiPath
                4   4 AnaGroup
                8   1 Attributes
               14   1 Status
            LbaFormat 4
                0   2 MetadataSize
                2   1 DataSizeShift
            NamespaceData 4096
                0   8 BlockCount
                8   8 Capacity
               16   8 Utilization
               24   1 Features
               30   1 MultiPath
               33   1 DeallocateFeatures
               48  16 CapacityBytes
               64   2 PreferredWriteGranularity
               66   2 PreferredWriteAlignment
               68   2 PreferredDeallocateGranularity
               70   2 PreferredDeallocateAlignment
               72   2 OptimalWriteSize
               92   4 AnaGroup
               99   1 Attributes
              104  16 Nguid
              120   8 Eui64
              128   4 Format
            RangeEntry 16
                4   4 BlockCount
                8   8 FirstBlock

            """;
        Assert.Equal(expected, text.ToString(), ignoreLineEndingDifferences: true);
    }

    private static IEnumerable<FieldInfo> FieldsOf(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(field => field.MetadataToken);

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
