namespace ManagedNvmet.Backends.Tests;

/// <summary>A device, with the shard on whose thread it is used.</summary>
internal sealed class ServedDevice(BlockDevice device, DiskEngine engine = DiskEngine.Auto) : IDisposable
{
    private readonly TestShard _shard = new(new ShardOptions { Disk = engine });

    public BlockDevice Device => device;

    private int BlockSize => device.Properties.BlockSize;

    public Memory<byte> Rent(int length) => _shard.Get(() =>
    {
        Assert.True(_shard.Shard.Buffers.TryRent(length, out Memory<byte> data));
        return data;
    });

    public NvmeStatus Submit(TestRequest request)
    {
        _shard.Run(() => device.Submit(request));
        return TestShard.Wait(request.Completion.Task);
    }

    public NvmeStatus Write(ulong firstBlock, uint blockCount, byte fill, bool forceUnitAccess = false)
    {
        Memory<byte> data = Rent((int)blockCount * BlockSize);
        data.Span.Fill(fill);
        NvmeStatus status = Submit(new TestRequest(BlockOperation.Write, firstBlock, blockCount, data, forceUnitAccess));
        _shard.Run(() => _shard.Shard.Buffers.Return(data));
        return status;
    }

    public byte[] Read(ulong firstBlock, uint blockCount, bool forceUnitAccess = false)
    {
        Memory<byte> data = Rent((int)blockCount * BlockSize);
        data.Span.Fill(0xEE);
        NvmeStatus status = Submit(new TestRequest(BlockOperation.Read, firstBlock, blockCount, data, forceUnitAccess));
        Assert.Equal(NvmeStatus.Success, status);
        byte[] copy = data.ToArray();
        _shard.Run(() => _shard.Shard.Buffers.Return(data));
        return copy;
    }

    /// <summary>Reads blocks and returns the byte value that fills each of them.</summary>
    public byte[] Fills(ulong firstBlock, uint blockCount)
    {
        byte[] data = Read(firstBlock, blockCount);
        byte[] fills = new byte[blockCount];
        for (int i = 0; i < fills.Length; i++)
        {
            fills[i] = data[i * BlockSize];
            Assert.False(data.AsSpan(i * BlockSize, BlockSize).ContainsAnyExcept(fills[i]), $"block {i} is mixed");
        }
        return fills;
    }

    public NvmeStatus Flush() => Submit(new TestRequest(BlockOperation.Flush));

    public NvmeStatus Zero(ulong firstBlock, uint blockCount, bool hint = false, bool forceUnitAccess = false) =>
        Submit(new TestRequest(BlockOperation.WriteZeroes, firstBlock, blockCount, deallocateHint: hint, forceUnitAccess: forceUnitAccess));

    public NvmeStatus Deallocate(params BlockRange[] ranges) => Submit(new TestRequest(BlockOperation.Deallocate, ranges: ranges));

    public void Dispose()
    {
        _shard.Dispose();
        device.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
