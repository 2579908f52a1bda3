namespace ManagedNvmet;

/// <summary>What a <see cref="BlockRequest"/> asks of a <see cref="BlockDevice"/>.</summary>
public enum BlockOperation
{
    /// <summary>Fill <see cref="BlockRequest.Data"/> from the medium.</summary>
    Read,

    /// <summary>Store <see cref="BlockRequest.Data"/> on the medium.</summary>
    Write,

    /// <summary>Make everything that was completed before durable. No range, no data.</summary>
    Flush,

    /// <summary>Make the range read as zeros.</summary>
    WriteZeroes,

    /// <summary>The ranges in <see cref="BlockRequest.Ranges"/> are no longer needed. A hint: doing nothing is correct.</summary>
    Deallocate,
}
