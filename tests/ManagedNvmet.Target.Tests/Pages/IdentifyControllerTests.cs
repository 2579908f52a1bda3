using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Target.Commands.Tables;
using ManagedNvmet.Target.Controllers;
using ManagedNvmet.Target.Identify;
using ManagedNvmet.Target.Wire;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class IdentifyControllerTests
{
    private static readonly Nqn Name = Nqn.Parse("nqn.2026-11.com.example:disk1");

    private static PageBytes Page(bool isDiscovery = false, bool hasCache = false, TargetLimits? limits = null)
    {
        var page = new PageBytes();
        ControllerData.Fill(page.Span, new ControllerFacts(
            0x1234,
            isDiscovery ? Nqn.Discovery : Name,
            "0123456789abcdef",
            "ManagedNvmet",
            "0.1.0",
            isDiscovery,
            hasCache,
            limits ?? new TargetLimits(),
            CommandTables.Of(isDiscovery)));
        return page;
    }

    [Fact]
    public void Names_are_padded_with_spaces_and_the_NQN_with_zeros()
    {
        PageBytes page = Page();
        Assert.Equal("0123456789abcdef    ", page.Text(4, 20));
        Assert.Equal("ManagedNvmet".PadRight(40), page.Text(24, 40));
        Assert.Equal("0.1.0   ", page.Text(64, 8));
        Assert.Equal(Name.Text + "\0", page.Text(768, Name.Text.Length + 1));
    }

    [Fact]
    public void A_host_finds_what_it_checks_before_it_connects()
    {
        PageBytes page = Page();
        Assert.Equal(0xB, page.U8(76)); // CMIC: without bit 1 Linux refuses a second controller of the subsystem; bit 3 is ANA
        Assert.Equal(8, page.U8(77)); // MDTS: 2^8 × 4 KiB = 1 MiB
        Assert.Equal(0x1234, page.U16(78));
        Assert.Equal(Controller.SpecificationVersion, page.U32(80));
        Assert.Equal(0x900u, page.U32(92)); // OAES: namespace attribute and ANA change notices
        Assert.Equal(0x41u, page.U32(96)); // CTRATT: 128-bit host identifier, TBKAS
        Assert.Equal(1, page.U8(111));
        Assert.Equal(3, page.U8(258));
        Assert.Equal(3, page.U8(259));
        Assert.Equal(3, page.U8(260));
        Assert.Equal(0x27, page.U8(261)); // LPA: SMART by namespace, effects, extended data, LIDs 00h 12h 13h
        Assert.Equal(63, page.U8(262));
        Assert.Equal(10, page.U16(320)); // KAS
        Assert.Equal(0u, page.U32(328)); // SANICAP
        Assert.Equal(10, page.U8(342)); // ANATT
        Assert.Equal(0x1F, page.U8(343)); // ANACAP
        Assert.Equal(128u, page.U32(344)); // ANAGRPMAX
        Assert.Equal(128u, page.U32(348)); // NANAGRPID
        Assert.Equal(0x66, page.U8(512));
        Assert.Equal(0x44, page.U8(513));
        Assert.Equal(1024, page.U16(514)); // MAXCMD
        Assert.Equal(8192u, page.U32(516)); // NN
        Assert.Equal(0x0030_0001u, page.U32(536)); // SGLS
        Assert.Equal(8192u, page.U32(540)); // MNAN
        Assert.Equal((64u + 16384) / 16, page.U32(1792)); // IOCCSZ
        Assert.Equal(1u, page.U32(1796)); // IORCSZ
        Assert.Equal(0, page.U16(1800)); // ICDOFF
        Assert.Equal(0, page.U8(1802)); // FCATT: dynamic
        Assert.Equal(1, page.U8(1803)); // MSDBD
        Assert.Equal(1, page.U16(1804)); // OFCS: Disconnect
    }

    [Fact]
    public void ONCS_is_what_the_commands_and_features_stand_for()
    {
        const OptionalSupport expected = OptionalSupport.DatasetManagement | OptionalSupport.WriteZeroes
            | OptionalSupport.SaveAndSelect | OptionalSupport.Timestamp;
        Assert.Equal((ushort)expected, Page().U16(520));
        Assert.Equal((ushort)OptionalSupport.SaveAndSelect, Page(isDiscovery: true).U16(520));
    }

    [Fact]
    public void OACS_is_zero_as_long_as_there_is_no_optional_admin_command()
    {
        Assert.Equal(0, Page().U16(256));
        byte[] optional = [0x0D, 0x10, 0x11, 0x14, 0x15, 0x19, 0x1A, 0x1C, 0x1D, 0x1E, 0x24, 0x7C, 0x80, 0x81, 0x82, 0x84, 0x86];
        Assert.All(optional, opcode => Assert.Null(CommandTables.Admin[opcode]));
    }

    [Fact]
    public void VWC_says_whether_there_is_a_cache_and_always_that_Flush_takes_all_namespaces()
    {
        Assert.Equal(0b110, Page(hasCache: false).U8(525));
        Assert.Equal(0b111, Page(hasCache: true).U8(525));
    }

    [Theory]
    [InlineData(8192, 1)]
    [InlineData(128 * 1024, 5)]
    [InlineData(32 * 1024 * 1024, 13)]
    public void MDTS_and_IOCCSZ_follow_the_limits(int maxTransferBytes, int mdts)
    {
        PageBytes page = Page(limits: new TargetLimits
        {
            Connection = new ConnectionLimits { MaxTransferBytes = maxTransferBytes, IoInCapsuleBytes = 0 },
            MaxQueueEntries = 65536,
        });
        Assert.Equal(mdts, page.U8(77));
        Assert.Equal(4u, page.U32(1792));
        Assert.Equal(65535, page.U16(514));
    }

    [Fact]
    public void A_discovery_controller_has_no_namespaces_and_tells_of_log_changes()
    {
        PageBytes page = Page(isDiscovery: true);
        Assert.Equal(2, page.U8(111));
        Assert.Equal(0x8000_0000u, page.U32(92));
        Assert.Equal(0x26, page.U8(261)); // no SMART
        Assert.Equal(0u, page.U32(516));
        Assert.Equal(0u, page.U32(540));
        Assert.Equal(0, page.U8(525));
        Assert.Equal(4u, page.U32(1792));
        Assert.Equal(1, page.U8(1806)); // DCTYPE: hosts may register
        Assert.Equal(Nqn.Discovery.Text + "\0", page.Text(768, Nqn.Discovery.Text.Length + 1));
    }

    [Fact]
    public void Nothing_else_is_set_and_no_old_memory_shows()
    {
        Page(hasCache: true).IsZeroBut(
            (4, 68), (72, 1), (76, 8), (92, 8), (111, 1), (258, 5), (320, 2), (342, 10),
            (512, 10), (525, 1), (536, 8), (768, 256), (1792, 8), (1803, 2));
    }

    [Fact]
    public void Text_that_is_too_long_is_cut_and_what_is_not_ASCII_is_replaced()
    {
        var page = new PageBytes();
        ControllerData.Fill(page.Span, new ControllerFacts(
            1, Name, new string('s', 30), "Ünïcode\n", new string('f', 9), false, false, new TargetLimits(),
            CommandTables.Of(isDiscovery: false)));
        Assert.Equal(new string('s', 20), page.Text(4, 20));
        Assert.Equal("?n?code?".PadRight(40), page.Text(24, 40));
        Assert.Equal(new string('f', 8), page.Text(64, 8));
        Assert.Equal(6, page.U8(72));
    }
}
