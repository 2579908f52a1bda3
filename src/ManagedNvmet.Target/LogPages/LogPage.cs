using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.LogPages;

/// <summary>One log page: one class in one file, one line in one table.</summary>
public abstract class LogPage
{
    /// <summary>LID.</summary>
    public abstract byte LogPageId { get; }

    /// <summary>The specification's name.</summary>
    public abstract string Name { get; }

    /// <summary>An I/O controller has this page.</summary>
    public virtual bool IsForIo => true;

    /// <summary>A discovery controller has this page.</summary>
    public virtual bool IsForDiscovery => false;

    /// <summary>Fills the whole destination with the page from <paramref name="offset"/> on, zeros beyond its end.</summary>
    public abstract NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination);
}
