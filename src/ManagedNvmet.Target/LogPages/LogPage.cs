using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.LogPages;

/// <summary>One log page: one class in one file, one line in <see cref="LogPageTable"/>. The Supported Log Pages page and the
/// attributes in LPA are derived from here.</summary>
/// <remarks>Stateless: one object serves all controllers. Called on the thread of the admin queue.</remarks>
public abstract class LogPage
{
    /// <summary>LID.</summary>
    public abstract byte LogPageId { get; }

    /// <summary>The specification's name.</summary>
    public abstract string Name { get; }

    /// <summary>An I/O controller has it.</summary>
    public virtual bool IsForIo => true;

    /// <summary>A discovery controller has it.</summary>
    public virtual bool IsForDiscovery => false;

    /// <summary>What the page's entry in Supported Log Pages says of its own: LID Specific Parameter.</summary>
    public virtual ushort SupportedParameters => 0;

    /// <summary>Reads a part of the page.</summary>
    /// <param name="context">The Get Log Page command.</param>
    /// <param name="offset">Where in the page to begin, in bytes; a multiple of 4.</param>
    /// <param name="destination">Is filled whole, with zeros beyond the end of the page.</param>
    /// <returns>Invalid Field when <paramref name="offset"/> is greater than the length of the page.</returns>
    public abstract NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination);

    /// <summary>True when a controller of this kind has the page.</summary>
    public bool IsAvailable(bool isDiscovery) => isDiscovery ? IsForDiscovery : IsForIo;

    /// <summary>Copies the part of <paramref name="page"/> that begins at <paramref name="offset"/>, and zeros beyond its end.</summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="destination">Filled whole.</param>
    /// <param name="largestBytes">Length of the largest page that Identify data allow hosts to expect, in bytes; the page's own length
    /// when that is larger. Between the two lengths the page reads as zeros.</param>
    /// <returns>Invalid Field when <paramref name="offset"/> is greater than both lengths.</returns>
    protected internal static NvmeStatus Copy(ReadOnlySpan<byte> page, ulong offset, Span<byte> destination, ulong largestBytes = 0)
    {
        if (offset > Math.Max((ulong)page.Length, largestBytes))
            return NvmeStatus.InvalidField;
        ReadOnlySpan<byte> part = page[(int)Math.Min(offset, (ulong)page.Length)..];
        int copied = Math.Min(part.Length, destination.Length);
        part[..copied].CopyTo(destination);
        destination[copied..].Clear();
        return NvmeStatus.Success;
    }
}
