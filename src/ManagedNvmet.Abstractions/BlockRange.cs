namespace ManagedNvmet;

/// <summary>A contiguous range of logical blocks.</summary>
/// <param name="FirstBlock">Index of the first logical block.</param>
/// <param name="BlockCount">Number of logical blocks.</param>
public readonly record struct BlockRange(ulong FirstBlock, ulong BlockCount);
