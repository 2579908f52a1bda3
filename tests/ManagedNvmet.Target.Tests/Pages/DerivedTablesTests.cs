using System.Text;
using ManagedNvmet.Target.Commands.Tables;
using ManagedNvmet.Target.Features;
using ManagedNvmet.Target.Identify;
using ManagedNvmet.Target.LogPages;
using ManagedNvmet.Target.Rows;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

/// <summary>Snapshots of the data that the target derives from its tables. A change of a snapshot is a change that hosts see.</summary>
public class DerivedTablesTests
{
    private static string Print(PageBytes page, int from, int count, Func<byte, string?> name)
    {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            if (page.U32(from + i * 4) is not 0 and uint value)
                text.Append($"{i:X2} {value:X8} {name((byte)i)}\n");
        }
        return text.ToString();
    }

    private static string Pages(bool isDiscovery)
    {
        var page = new PageBytes(SupportedLogPagesPage.PageBytes);
        SupportedLogPagesPage.Fill(page.Span, isDiscovery);
        return Print(page, 0, 256, id => LogPageTable.All[id]?.Name);
    }

    private static string FeatureEffects(TestOwner owner)
    {
        var page = new PageBytes(FeatureEffectsPage.PageBytes);
        FeatureEffectsPage.Fill(page.Span, new FeatureSet(owner, TimeProvider.System));
        return Print(page, 0, 256, id => FeatureTable.All[id]?.Name);
    }

    [Fact]
    public void Supported_log_pages_of_an_IO_controller() => Assert.Equal(
        """
        00 00000001 Supported Log Pages
        01 00000001 Error Information
        02 00000001 SMART / Health Information
        03 00000001 Firmware Slot Information
        04 00000001 Changed Attached Namespace List
        05 00000001 Commands Supported and Effects
        0C 00000001 Asymmetric Namespace Access
        12 00000001 Feature Identifiers Supported and Effects
        13 00000001 NVMe-MI Commands Supported and Effects

        """,
        Pages(isDiscovery: false));

    [Fact]
    public void Supported_log_pages_of_a_discovery_controller() => Assert.Equal(
        """
        00 00000001 Supported Log Pages
        01 00000001 Error Information
        05 00000001 Commands Supported and Effects
        12 00000001 Feature Identifiers Supported and Effects
        13 00000001 NVMe-MI Commands Supported and Effects
        70 00030001 Discovery
        71 00000001 Host Discovery

        """,
        Pages(isDiscovery: true));

    [Fact]
    public void Feature_effects_of_an_IO_controller() => Assert.Equal(
        """
        01 00200001 Arbitration
        02 00200001 Power Management
        04 00200001 Temperature Threshold
        05 00100001 Error Recovery
        06 00200001 Volatile Write Cache
        07 00200001 Number of Queues
        0A 00200001 Write Atomicity Normal
        0B 00200001 Asynchronous Event Configuration
        0E 00200001 Timestamp
        0F 00200001 Keep Alive Timer
        16 00200001 Host Behavior Support
        81 00200001 Host Identifier

        """,
        FeatureEffects(new TestOwner { HasVolatileWriteCache = true }));

    [Fact]
    public void Feature_effects_of_a_discovery_controller() => Assert.Equal(
        """
        0B 00200001 Asynchronous Event Configuration
        0F 00200001 Keep Alive Timer

        """,
        FeatureEffects(new TestOwner { IsDiscovery = true }));

    [Fact]
    public void Without_a_cache_there_is_no_cache_feature() =>
        Assert.DoesNotContain("Volatile", FeatureEffects(new TestOwner()));

    [Fact]
    public void Effects_of_IO_commands() => Assert.Equal(
        """
        00 00000001 Flush
        01 00000003 Write
        02 00000001 Read
        08 00000003 Write Zeroes
        09 00000003 Dataset Management

        """,
        Print(Effects(0, false), 1024, 256, opcode => CommandTables.Nvm[opcode]?.Name));

    [Fact]
    public void Effects_of_admin_commands_are_those_of_the_table()
    {
        PageBytes page = Effects(0, false);
        foreach (int opcode in Enumerable.Range(0, 256))
            Assert.Equal(CommandTables.Admin[(byte)opcode] is { IsForIo: true } command ? (uint)command.Effects : 0, page.U32(opcode * 4));
        Assert.Equal([1u, 1u, 1u, 1u], [page.U32(2 * 4), page.U32(6 * 4), page.U32(9 * 4), page.U32(10 * 4)]);
        page.IsZeroBut((0, 2048));
    }

    [Fact]
    public void A_discovery_controller_has_its_admin_commands_and_no_IO_commands()
    {
        PageBytes page = Effects(0, true);
        foreach (int opcode in Enumerable.Range(0, 256))
            Assert.Equal(CommandTables.Admin[(byte)opcode] is { IsForDiscovery: true } ? 1u : 0u, page.U32(opcode * 4));
        page.IsZeroBut((0, 1024));
    }

    [Fact]
    public void A_command_set_that_is_not_supported_has_no_commands() => Effects(2, false).IsZeroBut();

    [Fact]
    public void Identify_structures()
    {
        string names = string.Concat(IdentifyPageTable.All.Select(page => $"{page.Cns:X2} {page.Name}\n"));
        Assert.Equal(
            """
            00 Identify Namespace
            01 Identify Controller
            02 Active Namespace ID list
            03 Namespace Identification Descriptor list
            05 I/O Command Set specific Identify Namespace
            06 I/O Command Set specific Identify Controller
            07 I/O Command Set specific Active Namespace ID list
            08 I/O Command Set independent Identify Namespace

            """,
            names);
    }

    [Fact]
    public void Two_rows_of_one_number_are_refused() =>
        Assert.Throws<ArgumentException>(
            () => new RowTable<Feature>(static feature => feature.FeatureId, new Arbitration(), new Arbitration()));

    private static PageBytes Effects(byte commandSet, bool isDiscovery)
    {
        var page = new PageBytes();
        CommandEffectsPage.Fill(page.Span, commandSet, CommandTables.Of(isDiscovery));
        return page;
    }
}
