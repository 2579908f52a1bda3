using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using ManagedNvmet.Io.Memory;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Backends;

/// <summary>Anonymous memory of the kernel: zeros until written, committed page by page or in huge pages, and given back page by
/// page.</summary>
internal sealed unsafe class NativeMemoryMap : IDisposable
{
    public const int PageBytes = 4096;
    public const int CacheLineBytes = 64;

    // Whoever reads on has the processor fetch the rest by itself.
    private const int FetchedBytes = 2048;

    private const int PrivateAnonymousNoReserve = 0x2 | 0x20 | 0x4000;
    private const int DontNeed = 4;

    private readonly byte* _memory;
    private readonly ulong _length;
    private readonly NativeMemoryWindow[] _windows;

    /// <summary>Maps the memory. It throws <see cref="OutOfMemoryException"/> where the kernel refuses.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="wantsHugePages">Commit huge pages where the kernel has them to give.</param>
    public NativeMemoryMap(ulong length, bool wantsHugePages)
    {
        nint address = length > long.MaxValue ? -1 : LibC.Map(
            0, (nuint)length, LibC.ProtRead | LibC.ProtWrite, PrivateAnonymousNoReserve, -1, 0);
        if (address == -1)
            throw new OutOfMemoryException($"The kernel does not give {length} bytes of memory.");
        _memory = (byte*)address;
        _length = length;
        if (wantsHugePages)
            HugePages.Ask(address, (nuint)length);
        _windows = NativeMemoryWindow.Over(_memory, length);
    }

    /// <summary>A piece of the memory, for as long as it is mapped: the owner unmaps it only when nobody uses it any more.</summary>
    public Span<byte> Slice(ulong offset, int length)
    {
        // The one check that keeps everything above inside the mapping.
        if (length < 0 || offset > _length || (ulong)length > _length - offset)
            ThrowBeyondEnd(offset);
        return new Span<byte>(_memory + offset, length);
    }

    /// <summary>A piece of the memory for others to read soon, as <see cref="Slice"/>: the front of it is on its way to the
    /// processor.</summary>
    public ReadOnlyMemory<byte> Lend(ulong offset, int length)
    {
        if (length < 0 || offset > _length || (ulong)length > _length - offset)
            ThrowBeyondEnd(offset);
        BeginFetch(_memory + offset, Math.Min(length, FetchedBytes));
        int window = (int)(offset / NativeMemoryWindow.StepBytes);
        return _windows[window].Memory.Slice((int)(offset % NativeMemoryWindow.StepBytes), length);
    }

    /// <summary>Makes a range read as zeros, and gives its whole pages back.</summary>
    public void Clear(ulong offset, ulong length, bool giveBack)
    {
        if (offset > _length || length > _length - offset)
            ThrowBeyondEnd(offset);
        ulong end = offset + length;
        ulong firstPage = (offset + PageBytes - 1) / PageBytes * PageBytes;
        ulong endPage = end / PageBytes * PageBytes;

        // Both ends lie inside the mapping, which was checked above.
        if (giveBack && firstPage < endPage && LibC.Advise((nint)(_memory + firstPage), (nuint)(endPage - firstPage), DontNeed) == 0)
        {
            NativeMemory.Clear(_memory + offset, (nuint)(firstPage - offset));
            NativeMemory.Clear(_memory + endPage, (nuint)(end - endPage));
        }
        else
            NativeMemory.Clear(_memory + offset, (nuint)length);
    }

    public void Dispose() => LibC.Unmap((nint)_memory, (nuint)_length);

    // A hint: nothing waits for it, and no address can be wrong.
    private static void BeginFetch(byte* from, int length)
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
