using System.Buffers;

namespace ManagedNvmet.Backends;

/// <summary>A window of a <see cref="NativeMemoryMap"/> as <see cref="Memory{T}"/>, which cannot exceed 2 GiB. The windows overlap, so that
/// each range of at most 1 GiB lies in one of them.</summary>
internal sealed unsafe class NativeMemoryWindow : MemoryManager<byte>
{
    /// <summary>Distance between the starts of two windows in bytes.</summary>
    public const ulong StepBytes = 1UL << 30;

    private readonly byte* _first;
    private readonly int _length;

    private NativeMemoryWindow(byte* first, int length)
    {
        _first = first;
        _length = length;
    }

    /// <summary>Creates the windows of a mapping. The owner must keep the mapping while a window is in use.</summary>
    public static NativeMemoryWindow[] Over(byte* memory, ulong length)
    {
        var windows = new NativeMemoryWindow[(length + StepBytes - 1) / StepBytes];
        for (ulong index = 0; index < (ulong)windows.Length; index++)
        {
            // The window lies inside the mapping.
            ulong first = index * StepBytes;
            windows[index] = new NativeMemoryWindow(memory + first, (int)Math.Min(length - first, int.MaxValue));
        }
        return windows;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_first, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        if ((uint)elementIndex > (uint)_length)
            throw new ArgumentOutOfRangeException(nameof(elementIndex), elementIndex, "Beyond the end of the memory.");

        // Native memory does not move, so nothing needs to be pinned.
        return new MemoryHandle(_first + elementIndex);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
