using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ManagedNvmet.Backends;

/// <summary>Copies data that will not be read again soon past the processor's cache, which keeps the cache for what will be.</summary>
internal static unsafe class StreamingCopy
{
    /// <summary>Copies all of <paramref name="source"/> to the beginning of <paramref name="destination"/>.</summary>
    public static void Copy(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < source.Length)
            throw new ArgumentException("The destination is too short.", nameof(destination));

        // Both spans are pinned meanwhile, and the loop stays below the length that both have.
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            // Asked by instruction set: what is compiled ahead takes Vector256 for no faster than the oldest processor that it runs on has it.
            if (Avx512F.IsSupported && IsAligned(to, source.Length, Vector512<byte>.Count))
            {
                for (int i = 0; i < source.Length; i += Vector512<byte>.Count)
                    Avx512F.StoreAlignedNonTemporal(to + i, Avx512F.LoadVector512(from + i));
            }
            else if (Avx.IsSupported && IsAligned(to, source.Length, Vector256<byte>.Count))
            {
                for (int i = 0; i < source.Length; i += Vector256<byte>.Count)
                    Avx.StoreAlignedNonTemporal(to + i, Avx.LoadVector256(from + i));
            }
            else if (Vector128.IsHardwareAccelerated && IsAligned(to, source.Length, Vector128<byte>.Count))
            {
                for (int i = 0; i < source.Length; i += Vector128<byte>.Count)
                    Vector128.Load(from + i).StoreAlignedNonTemporal(to + i);
            }
            else
            {
                source.CopyTo(destination);
            }
        }

        // Such stores are not ordered with the plain ones that follow. No fence is needed here, where it would wait for the memory: whoever
        // reads these bytes elsewhere has heard of them through a lock or a system call of this thread, and either is a fence.
    }

    private static bool IsAligned(byte* to, int length, int vectorBytes) => (((nint)to | length) & (vectorBytes - 1)) == 0;
}
