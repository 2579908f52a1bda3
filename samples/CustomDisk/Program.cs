// A disk of one's own: 64 MiB that live in an array. Serves it on 127.0.0.1:4420 until Ctrl-C.
using ManagedNvmet;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddNvmet(options =>
    options.Namespaces.Add(new NamespaceOptions { Device = new ArrayDisk(64 * 1024 * 1024), Name = "array" }));
await builder.Build().RunAsync();

internal sealed class ArrayDisk(int bytes) : BlockDevice
{
    private const int BlockSize = 512;
    private readonly byte[] _blocks = new byte[bytes];

    public override BlockDeviceProperties Properties { get; } = new() { BlockSize = BlockSize, BlockCount = (ulong)(bytes / BlockSize) };

    public override void Submit(BlockRequest request)
    {
        Span<byte> range = _blocks.AsSpan((int)request.FirstBlock * BlockSize, (int)request.BlockCount * BlockSize);
        switch (request.Operation)
        {
            case BlockOperation.Read: range.CopyTo(request.Data.Span); break;
            case BlockOperation.Write: request.Data.Span.CopyTo(range); break;
            case BlockOperation.WriteZeroes: range.Clear(); break;
        }
        request.Complete(NvmeStatus.Success);
    }
}
