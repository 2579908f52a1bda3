using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands.Nvm;
using Xunit;

namespace ManagedNvmet.Target.Tests.Nvm;

public class WriteZeroesTests
{
    private const uint Deallocate = 1u << 25;
    private const uint WholeNamespace = 1u << 23;

    private static SubmissionEntry Entry(ulong firstBlock, ushort nlb, uint flags = 0) =>
        new() { Cdw10And11 = firstBlock, Cdw12 = nlb | flags };

    [Fact]
    public void Zeroes_are_not_bounded_by_MDTS_but_by_the_namespace()
    {
        Assert.Equal(NvmeStatus.Success, WriteZeroesCommand.Check(Entry(0, 0xFFFF), 0, 65536));
        Assert.Equal(NvmeStatus.LbaOutOfRange, WriteZeroesCommand.Check(Entry(0, 0xFFFF), 0, 65535));
        Assert.Equal(NvmeStatus.LbaOutOfRange, WriteZeroesCommand.Check(Entry(ulong.MaxValue - 0xFFFF, 0xFFFF), 0, 65536));
    }

    [Fact]
    public void A_buffer_and_the_whole_namespace_are_refused()
    {
        Assert.Equal(NvmeStatus.DataSglLengthInvalid, WriteZeroesCommand.Check(Entry(0, 7), 4096, 1000));
        Assert.Equal(NvmeStatus.InvalidField, WriteZeroesCommand.Check(Entry(0, 7, WholeNamespace), 0, 1000));
    }

    [Theory]
    [InlineData(Deallocate, true, true, true)]
    [InlineData(0u, true, true, false)]
    [InlineData(Deallocate, false, true, false)]
    [InlineData(Deallocate, true, false, false)]
    public void Blocks_are_deallocated_on_request_where_they_then_read_as_zeros(uint flags, bool supports, bool zeros, bool expected)
    {
        var properties = new BlockDeviceProperties
        {
            BlockSize = 512,
            BlockCount = 1,
            Capabilities = (supports ? BlockDeviceCapabilities.Deallocate : BlockDeviceCapabilities.None)
                | (zeros ? BlockDeviceCapabilities.DeallocatedReadsZero : BlockDeviceCapabilities.None),
        };
        Assert.Equal(expected, WriteZeroesCommand.IsDeallocating(Entry(0, 0, flags), properties));
    }
}
