namespace ManagedNvmet;

/// <summary>The operations that a <see cref="BlockRequest"/> can request from a <see cref="BlockDevice"/>.</summary>
public enum BlockOperation
{
    /// <summary>Fill <see cref="BlockRequest.Data"/> from the medium.</summary>
    Read,

    /// <summary>Store <see cref="BlockRequest.Data"/> on the medium.</summary>
    Write,

    /// <summary>Make all previously completed writes durable. Has neither a range nor data.</summary>
    Flush,

    /// <summary>Make the range read as zeros.</summary>
    WriteZeroes,

    /// <summary>Release the storage of <see cref="BlockRequest.Ranges"/>. A hint: a device may complete it and do nothing.</summary>
    Deallocate,
}
