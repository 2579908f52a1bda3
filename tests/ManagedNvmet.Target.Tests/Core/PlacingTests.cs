using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Testing;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

/// <summary>A device that keeps its blocks in memory has writes received there, and nothing comes there when it is not used any more.</summary>
public sealed class PlacingTests
{
    // More than fits into a capsule.
    private const int Blocks = 64;

    private readonly SimulatedWorld _world = new();
    private readonly PlacingDevice _device = new();
    private readonly byte[] _data = Pattern.Make(Blocks * 512, 6);

    [Fact]
    public void A_write_is_received_in_its_place_and_submitted_with_it()
    {
        SimulatedQueue io = Connect();
        Assert.Equal(NvmeStatus.Success, Write(io).Status);
        Assert.Equal(_data, _device.Contents);
        Assert.Equal(1, _device.WritesInPlace);
        Assert.Equal(0, io.Buffers.Rented);
    }

    [Fact]
    public void A_removal_waits_for_no_data_and_none_comes_to_the_device_after_it()
    {
        SimulatedQueue io = Connect();
        io.HoldsAnswers = true;
        TestCommand write = Write(io);
        Task removal = _world.Disk.RemoveNamespace(1)!;
        _world.Run();
        Assert.True(removal.IsCompletedSuccessfully);

        io.HoldsAnswers = false;
        _world.Run();
        Assert.True(write.Status.IsSameCode(NvmeStatus.InvalidNamespace));
        Assert.False(_device.Contents.AsSpan().ContainsAnyExcept((byte)0));
        Assert.Equal(0, _device.Writes);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_device_that_throws_or_gives_a_place_of_another_size_gets_the_write_in_a_buffer(bool throws, bool isShort)
    {
        SimulatedQueue io = Connect();
        _device.Throws = throws;
        _device.IsShort = isShort;
        Assert.Equal(NvmeStatus.Success, Write(io).Status);
        Assert.Equal(_data, _device.Contents);
        Assert.Equal((1, 0), (_device.Writes, _device.WritesInPlace));
        Assert.Single(_world.Log.Warnings);
    }

    private TestCommand Write(SimulatedQueue io) => io.Send(new() { Opcode = 0x01, NamespaceId = 1, Cdw12 = Blocks - 1 }, _data);

    private SimulatedQueue Connect()
    {
        _world.Disk.AddNamespace(new Namespace(1, _device, NamespaceIdentity.CreateRandom()));
        return _world.ConnectIo(_world.Enable(), 1);
    }

    private sealed class PlacingDevice : BlockDevice
    {
        public byte[] Contents { get; } = new byte[Blocks * 512];

        public bool Throws { get; set; }

        public bool IsShort { get; set; }

        public int Writes { get; private set; }

        public int WritesInPlace { get; private set; }

        public override BlockDeviceProperties Properties { get; } = new() { BlockSize = 512, BlockCount = Blocks, CompletesWritesAtOnce = true };

        public override Memory<byte> PlaceOf(ulong firstBlock, uint blockCount)
        {
            if (Throws)
                throw new IOException("no place");
            return Contents.AsMemory((int)firstBlock * 512, ((int)blockCount * 512) - (IsShort ? 512 : 0));
        }

        public override void Submit(BlockRequest request)
        {
            Span<byte> place = Contents.AsSpan((int)request.FirstBlock * 512, request.Data.Length);
            Writes++;
            if (request.Data.Span == place)
                WritesInPlace++;
            else
                request.Data.Span.CopyTo(place);
            request.Complete(NvmeStatus.Success);
        }
    }
}
