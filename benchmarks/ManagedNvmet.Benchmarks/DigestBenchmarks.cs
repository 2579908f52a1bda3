using BenchmarkDotNet.Attributes;
using ManagedNvmet.Protocol.Digests;

namespace ManagedNvmet.Benchmarks;

/// <summary>CRC32C over a header, a small and a large transfer.</summary>
[MemoryDiagnoser]
public class DigestBenchmarks
{
    private byte[] _data = [];

    /// <summary>Bytes of the input.</summary>
    [Params(72, 4096, 131_072)]
    public int Bytes { get; set; }

    /// <summary>Makes the input.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _data = new byte[Bytes];
        new Random(1).NextBytes(_data);
    }

    /// <summary>The digest of all of it.</summary>
    [Benchmark]
    public uint Compute() => Crc32C.Compute(_data);
}
