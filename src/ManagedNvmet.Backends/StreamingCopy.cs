using System.Runtime.Intrinsics;

namespace ManagedNvmet.Backends;

/// <summary>Copies data with non-temporal stores, which bypass the processor's cache. For data that will not be read again soon, so that
/// the cache keeps other data.</summary>
internal static unsafe class StreamingCopy
{
    /// <summary>Copies all of <paramref name="source"/> to the beginning of <paramref name="destination"/>.</summary>
    public static void Copy(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < source.Length)
            throw new ArgumentException("The destination is too short.", nameof(destination));

        // Both spans are pinned, and the loops stay inside the length of both.
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            if (Vector512.IsHardwareAccelerated && IsAligned(to, source.Length, Vector512<byte>.Count))
            {
                for (int i = 0; i < source.Length; i += Vector512<byte>.Count)
                    Vector512.Load(from + i).StoreAlignedNonTemporal(to + i);
            }
            else if (Vector256.IsHardwareAccelerated && IsAligned(to, source.Length, Vector256<byte>.Count))
            {
                for (int i = 0; i < source.Length; i += Vector256<byte>.Count)
                    Vector256.Load(from + i).StoreAlignedNonTemporal(to + i);
            }
            else if (Vector128.IsHardwareAccelerated && IsAligned(to, source.Length, NativeMemoryMap.CacheLineBytes))
            {
                // NativeAOT code, which must also run on old processors, uses this path. It stores whole cache lines.
                for (int i = 0; i < source.Length; i += NativeMemoryMap.CacheLineBytes)
                {
                    Vector128<byte> first = Vector128.Load(from + i);
                    Vector128<byte> second = Vector128.Load(from + i + 16);
                    Vector128<byte> third = Vector128.Load(from + i + 32);
                    Vector128<byte> fourth = Vector128.Load(from + i + 48);
                    first.StoreAlignedNonTemporal(to + i);
                    second.StoreAlignedNonTemporal(to + i + 16);
                    third.StoreAlignedNonTemporal(to + i + 32);
                    fourth.StoreAlignedNonTemporal(to + i + 48);
                }
            }
            else
            {
                source.CopyTo(destination);
            }
        }

        // Non-temporal stores are not ordered with the stores that follow. No fence is needed, which would wait for the memory: another
        // thread learns of these bytes only through a lock or a system call of this thread, and both act as a fence.
    }

    private static bool IsAligned(byte* to, int length, int vectorBytes) => (((nint)to | length) & (vectorBytes - 1)) == 0;
}
