using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using ManagedNvmet.Io.Memory;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Backends;

/// <summary>An anonymous memory mapping. Its memory is initially zero, is allocated when it is written, and can be freed by
/// pages.</summary>
internal sealed unsafe class NativeMemoryMap : IDisposable
{
    public const int PageBytes = 4096;
    public const int CacheLineBytes = 64;

    // Number of bytes to prefetch. The processor's own prefetcher loads the rest when the reader goes on.
    private const int PrefetchBytes = 2048;

    // MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE; MADV_DONTNEED.
    private const int PrivateAnonymousNoReserve = 0x2 | 0x20 | 0x4000;
    private const int DontNeed = 4;

    private readonly byte* _memory;
    private readonly ulong _length;
    private readonly NativeMemoryWindow[] _windows;

    /// <summary>Maps the memory.</summary>
    /// <param name="length">Size in bytes.</param>
    /// <param name="wantsHugePages">True to use huge pages where the kernel provides them.</param>
    /// <exception cref="OutOfMemoryException">The kernel refuses the mapping.</exception>
    public NativeMemoryMap(ulong length, bool wantsHugePages)
    {
        nint address = length > long.MaxValue ? -1 : LibC.Map(
            0, (nuint)length, LibC.ProtRead | LibC.ProtWrite, PrivateAnonymousNoReserve, -1, 0);
        if (address == -1)
            throw new OutOfMemoryException($"The kernel refuses to map {length} bytes of memory.");
        _memory = (byte*)address;
        _length = length;
        if (wantsHugePages)
            HugePages.Ask(address, (nuint)length);
        _windows = NativeMemoryWindow.Over(_memory, length);
    }

    /// <summary>Returns a part of the memory. It is valid until <see cref="Dispose"/>, which the owner calls when nothing uses it any
    /// more.</summary>
    public Span<byte> Slice(ulong offset, int length)
    {
        // This check keeps all accesses inside the mapping.
        if (length < 0 || offset > _length || (ulong)length > _length - offset)
            ThrowBeyondEnd(offset);
        return new Span<byte>(_memory + offset, length);
    }

    /// <summary>Returns a part of the memory that will be read soon, like <see cref="Slice"/>. Prefetches its beginning into the
    /// processor's cache.</summary>
    public ReadOnlyMemory<byte> Lend(ulong offset, int length)
    {
        if (length < 0 || offset > _length || (ulong)length > _length - offset)
            ThrowBeyondEnd(offset);
        Prefetch(_memory + offset, Math.Min(length, PrefetchBytes));
        int window = (int)(offset / NativeMemoryWindow.StepBytes);
        return _windows[window].Memory.Slice((int)(offset % NativeMemoryWindow.StepBytes), length);
    }

    /// <summary>Clears a range to zero.</summary>
    /// <param name="offset">Start of the range in bytes.</param>
    /// <param name="length">Length of the range in bytes.</param>
    /// <param name="freePages">True to free the whole pages of the range; they read as zeros, too.</param>
    public void Clear(ulong offset, ulong length, bool freePages)
    {
        if (offset > _length || length > _length - offset)
            ThrowBeyondEnd(offset);
        ulong end = offset + length;
        ulong firstPage = (offset + PageBytes - 1) / PageBytes * PageBytes;
        ulong endPage = end / PageBytes * PageBytes;

        // The check above ensures that the range lies inside the mapping.
        if (freePages && firstPage < endPage && LibC.Advise((nint)(_memory + firstPage), (nuint)(endPage - firstPage), DontNeed) == 0)
        {
            NativeMemory.Clear(_memory + offset, (nuint)(firstPage - offset));
            NativeMemory.Clear(_memory + endPage, (nuint)(end - endPage));
        }
        else
            NativeMemory.Clear(_memory + offset, (nuint)length);
    }

    public void Dispose() => LibC.Unmap((nint)_memory, (nuint)_length);

    // A prefetch is a hint to the processor: it does not wait, and an invalid address does no harm.
    private static void Prefetch(byte* from, int length)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < length; i += CacheLineBytes)
            Sse.Prefetch0(from + i);
    }

    [DoesNotReturn]
    private static void ThrowBeyondEnd(ulong offset) =>
        throw new ArgumentOutOfRangeException(nameof(offset), offset, "Beyond the end of the memory.");
}
