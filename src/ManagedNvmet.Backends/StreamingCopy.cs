using System.Runtime.Intrinsics;

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
                // Native code, which has to run on old processors too, comes here: whole lines at a time.
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

        // Such stores are not ordered with the plain ones that follow. No fence is needed here, where it would wait for the memory: whoever
        // reads these bytes elsewhere has heard of them through a lock or a system call of this thread, and either is a fence.
    }

    private static bool IsAligned(byte* to, int length, int vectorBytes) => (((nint)to | length) & (vectorBytes - 1)) == 0;
}
