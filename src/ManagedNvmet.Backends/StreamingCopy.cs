using System.Runtime.Intrinsics;

namespace ManagedNvmet.Backends;

/// <summary>Copies data that will not be read again soon past the processor's cache, which keeps the cache for what will be.</summary>
internal static unsafe class StreamingCopy
{
    private const int Step = 64;

    /// <summary>Copies all of <paramref name="source"/> to the beginning of <paramref name="destination"/>.</summary>
    public static void Copy(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < source.Length)
            throw new ArgumentException("The destination is too short.", nameof(destination));

        // Both spans are pinned meanwhile, and the loop stays below the length that both have.
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            if (!Vector128.IsHardwareAccelerated || (nint)to % Vector128<byte>.Count != 0 || source.Length % Step != 0)
            {
                source.CopyTo(destination);
                return;
            }
            for (int i = 0; i < source.Length; i += Step)
            {
                Vector128<byte> a = Vector128.Load(from + i);
                Vector128<byte> b = Vector128.Load(from + i + 16);
                Vector128<byte> c = Vector128.Load(from + i + 32);
                Vector128<byte> d = Vector128.Load(from + i + 48);
                a.StoreAlignedNonTemporal(to + i);
                b.StoreAlignedNonTemporal(to + i + 16);
                c.StoreAlignedNonTemporal(to + i + 32);
                d.StoreAlignedNonTemporal(to + i + 48);
            }
        }

        // Such stores are not ordered with others: the completion that follows must not be seen before the data.
        Interlocked.MemoryBarrier();
    }
}
