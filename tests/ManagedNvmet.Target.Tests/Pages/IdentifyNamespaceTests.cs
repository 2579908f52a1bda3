using ManagedNvmet.Target.Identify;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class IdentifyNamespaceTests
{
    private const BlockDeviceCapabilities Discarding = BlockDeviceCapabilities.Deallocate | BlockDeviceCapabilities.DeallocatedReadsZero;

    private static PageBytes Page(BlockDeviceProperties properties)
    {
        var page = new PageBytes();
        NamespaceData.Fill(page.Span, TestDevice.As(1, properties), properties.IsReadOnly);
        return page;
    }

    [Fact]
    public void Size_and_format_are_those_of_the_device()
    {
        PageBytes page = Page(new BlockDeviceProperties { BlockSize = 4096, BlockCount = 0x1_0000_0001 });
        Assert.Equal(0x1_0000_0001ul, page.U64(0));
        Assert.Equal(0x1_0000_0001ul, page.U64(8));
        Assert.Equal(0x1_0000_0001ul, page.U64(16));
        Assert.Equal((UInt128)0x1_0000_0001ul * 4096, page.U128(48));
        Assert.Equal(0, page.U8(25)); // NLBAF: one format
        Assert.Equal(0, page.U8(26)); // FLBAS: the first
        Assert.Equal(0x000C_0000u, page.U32(128)); // LBAF0: no metadata, 2^12
        Assert.Equal(1, page.U8(30)); // NMIC: shared
        Assert.Equal(0, page.U8(99)); // NSATTR
    }

    [Fact]
    public void Identifiers_stand_most_significant_byte_first()
    {
        PageBytes page = Page(new BlockDeviceProperties { BlockSize = 512, BlockCount = 1 });
        Assert.Equal("0A1B2C3D4E5F60718293A4B5C6D7E8F9", page.Hex(104, 16));
        Assert.Equal("0211223344556677", page.Hex(120, 8));
    }

    [Fact]
    public void Preferred_sizes_come_from_the_device_and_power_fail_atomicity_is_not_promised()
    {
        PageBytes page = Page(new BlockDeviceProperties
        {
            BlockSize = 512,
            BlockCount = 1000,
            PhysicalBlockSize = 4096,
            Capabilities = BlockDeviceCapabilities.Deallocate,
            DeallocateGranularity = 16384,
        });
        Assert.Equal(0x10, page.U8(24)); // NSFEAT: OPTPERF, not NSABP
        Assert.Equal(7, page.U16(64)); // NPWG
        Assert.Equal(7, page.U16(66)); // NPWA
        Assert.Equal(31, page.U16(68)); // NPDG
        Assert.Equal(31, page.U16(70)); // NPDA
        Assert.Equal(7, page.U16(72)); // NOWS
        Assert.Equal(0, page.U16(36)); // NAWUPF
    }

    [Fact]
    public void A_deallocate_granularity_beyond_the_field_is_told_as_the_largest_and_none_as_one_block()
    {
        PageBytes large = Page(new BlockDeviceProperties { BlockSize = 512, BlockCount = 1, DeallocateGranularity = 1 << 30 });
        Assert.Equal(0xFFFF, large.U16(68));
        PageBytes none = Page(new BlockDeviceProperties { BlockSize = 4096, BlockCount = 1, DeallocateGranularity = 512 });
        Assert.Equal(0, none.U16(68));
        Assert.Equal(0, none.U16(64));
    }

    [Theory]
    [InlineData(true, true, 0x09)]
    [InlineData(true, false, 0)]
    [InlineData(false, true, 0)]
    [InlineData(false, false, 0)]
    public void DLFEAT_promises_zeros_only_where_deallocated_blocks_read_so(bool supports, bool zeros, int expected)
    {
        PageBytes page = Page(new BlockDeviceProperties
        {
            BlockSize = 512,
            BlockCount = 1,
            Capabilities = (supports ? BlockDeviceCapabilities.Deallocate : BlockDeviceCapabilities.None)
                | (zeros ? BlockDeviceCapabilities.DeallocatedReadsZero : BlockDeviceCapabilities.None),
        });
        Assert.Equal(expected, page.U8(33));
    }

    [Fact]
    public void A_read_only_device_is_write_protected_on_both_pages()
    {
        var properties = new BlockDeviceProperties { BlockSize = 512, BlockCount = 1, IsReadOnly = true };
        Assert.Equal(1, Page(properties).U8(99));
        var independent = new PageBytes();
        IndependentNamespaceData.Fill(independent.Span, TestDevice.As(1, properties), isWriteProtected: true);
        Assert.Equal(1, independent.U8(8));
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0x20)]
    public void The_independent_page_says_ready_shared_and_whether_there_is_no_cache(bool hasCache, int features)
    {
        var page = new PageBytes();
        IndependentNamespaceData.Fill(
            page.Span,
            TestDevice.As(1, new BlockDeviceProperties { BlockSize = 512, BlockCount = 1, HasVolatileCache = hasCache }),
            isWriteProtected: false);
        Assert.Equal(features, page.U8(0));
        Assert.Equal(1, page.U8(1));
        Assert.Equal(1, page.U8(14)); // NSTAT: ready
        Assert.Equal(1u, page.U32(4)); // ANAGRPID
        page.IsZeroBut((0, 2), (4, 4), (14, 1));
    }

    [Fact]
    public void Nothing_else_is_set_and_no_old_memory_shows() =>
        Page(new BlockDeviceProperties { BlockSize = 512, BlockCount = 1, Capabilities = Discarding })
            .IsZeroBut((0, 25), (30, 1), (33, 1), (48, 16), (64, 10), (92, 4), (104, 28));

    [Fact]
    public void The_descriptor_list_has_every_identifier_and_the_command_set_and_then_ends()
    {
        var page = new PageBytes();
        NamespaceDescriptorsPage.Fill(page.Span, TestDevice.Identity);
        Assert.Equal("03100000" + "00112233445566778899AABBCCDDEEFF", page.Hex(0, 20));
        Assert.Equal("02100000" + "0A1B2C3D4E5F60718293A4B5C6D7E8F9", page.Hex(20, 20));
        Assert.Equal("01080000" + "0211223344556677", page.Hex(40, 12));
        Assert.Equal("04010000" + "00", page.Hex(52, 5));
        page.IsZeroBut((0, 57));
    }
}
