namespace ManagedNvmet.Status;

/// <summary>Kinds of I/O commands that are counted apart.</summary>
public enum IoOperation
{
    /// <summary>Read.</summary>
    Read,

    /// <summary>Write.</summary>
    Write,

    /// <summary>Everything else: Flush, Write Zeroes, Dataset Management.</summary>
    Other,
}
