using System.Buffers;

namespace ManagedNvmet.Backends;

/// <summary>A part of a <see cref="NativeMemoryMap"/> as <see cref="Memory{T}"/>, which reaches no further than 2 GiB. The parts overlap, so
/// that every piece of up to 1 GiB lies in one of them.</summary>
internal sealed unsafe class NativeMemoryWindow : MemoryManager<byte>
{
    /// <summary>Bytes from the beginning of one part to that of the next.</summary>
    public const ulong StepBytes = 1UL << 30;

    private readonly byte* _first;
    private readonly int _length;

    private NativeMemoryWindow(byte* first, int length)
    {
        _first = first;
        _length = length;
    }

    /// <summary>The parts of a mapping, whose owner keeps it while anything of them is in use.</summary>
    public static NativeMemoryWindow[] Over(byte* memory, ulong length)
    {
        var windows = new NativeMemoryWindow[(length + StepBytes - 1) / StepBytes];
        for (ulong index = 0; index < (ulong)windows.Length; index++)
        {
            // Both ends lie in the mapping.
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

        // Memory of the kernel's does not move, so there is nothing to hold on to.
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
