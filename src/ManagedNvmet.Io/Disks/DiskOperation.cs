using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Disks;

/// <summary>One disk operation. Its queue pools the objects; an object is in one list at a time.</summary>
internal sealed unsafe class DiskOperation
{
    public DiskOperation(DiskQueue queue, int index)
    {
        Queue = queue;
        Index = index;
    }

    public DiskQueue Queue { get; }

    /// <summary>Index in the queue's table; the kernel returns it with the completion.</summary>
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

    /// <summary>Address of the data that is still to be moved. The memory is pinned, by the contract of <see cref="DiskQueue"/>.</summary>
    public nint Address => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Data.Span)) + (nint)Done;
}
