using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Disks;

/// <summary>One disk operation on its way; pooled by its queue, and linked into one list at a time.</summary>
internal sealed unsafe class DiskOperation
{
    public DiskOperation(DiskQueue queue, int index)
    {
        Queue = queue;
        Index = index;
    }

    public DiskQueue Queue { get; }

    /// <summary>Place in the queue's table: what the kernel carries for it.</summary>
    public int Index { get; }

    public DiskOperation? Next { get; set; }

    public DiskOperationKind Kind { get; set; }

    public int Fd { get; set; }

    /// <summary>Mode of a fallocate.</summary>
    public int Mode { get; set; }

    public long Offset { get; set; }

    public long Length { get; set; }

    /// <summary>Bytes that earlier, shorter transfers of this operation have moved.</summary>
    public long Done { get; set; }

    /// <summary>Keeps the memory of a read or write alive while the kernel has its address.</summary>
    public Memory<byte> Data { get; set; }

    public IDiskCompletion? Completion { get; set; }

    public object? State { get; set; }

    public long Result { get; set; }

    /// <summary>True for the kinds that move <see cref="Data"/>.</summary>
    public bool IsTransfer => Kind <= DiskOperationKind.WriteDurable;

    /// <summary>Where the rest of the data lies. It stays there because the memory is pinned: the contract of
    /// <see cref="DiskQueue"/>.</summary>
    public nint Address => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Data.Span)) + (nint)Done;
}
