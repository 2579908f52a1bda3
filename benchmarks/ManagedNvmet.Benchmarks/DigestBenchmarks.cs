using BenchmarkDotNet.Attributes;
using ManagedNvmet.Protocol.Digests;

namespace ManagedNvmet.Benchmarks;

/// <summary>Time of CRC32C over a header, a small transfer and a large transfer.</summary>
[MemoryDiagnoser]
public class DigestBenchmarks
{
    private byte[] _data = [];

    /// <summary>Size of the input in bytes.</summary>
    [Params(72, 4096, 131_072)]
    public int Bytes { get; set; }

    /// <summary>Fills the input with random bytes.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _data = new byte[Bytes];
        new Random(1).NextBytes(_data);
    }

    /// <summary>Computes the digest of the whole input.</summary>
    [Benchmark]
    public uint Compute() => Crc32C.Compute(_data);
}
