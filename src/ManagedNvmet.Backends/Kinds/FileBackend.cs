using ManagedNvmet.Backends.Identities;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends.Kinds;

/// <summary>A regular file or a block device: <c>PATH</c>, or <c>file:PATH</c> for a path that looks like another kind.</summary>
public sealed class FileBackend : BackendKind
{
    /// <inheritdoc/>
    public override string Scheme => "file";

    /// <inheritdoc/>
    public override string Form => "PATH";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Options => ["buffered", "create", "force"];

    /// <inheritdoc/>
    public override void Check(string subject)
    {
        if (subject.Length == 0)
            throw new BackendException("The path is empty; expected the path of a file or block device.");
    }

    /// <inheritdoc/>
    /// <remarks>An absolute path, which never looks like another kind.</remarks>
    public override string Write(string subject) => Path.GetFullPath(subject);

    /// <inheritdoc/>
    public override string NameOf(NamespaceSpec spec) => Path.GetFullPath(spec.Subject, "/");

    /// <inheritdoc/>
    public override string? DiskOf(NamespaceSpec spec) => FileDevice.DiskAt(spec.Subject);

    /// <inheritdoc/>
    public override bool IsMissing(NamespaceSpec spec) => spec.CreateBytes is null && !File.Exists(spec.Subject);

    /// <inheritdoc/>
    public override BlockDevice Open(NamespaceSpec spec, ILogger logger) => FileDevice.Open(
        new FileDeviceOptions
        {
            Path = spec.Subject,
            IsReadOnly = spec.IsReadOnly,
            BlockSize = spec.BlockSize,
            IsBuffered = spec.IsBuffered,
            IsForced = spec.IsForced,
            CreateBytes = (long?)spec.CreateBytes,
        },
        logger);

    /// <inheritdoc/>
    public override DiskNames NamesOf(BlockDevice device, NamespaceSpec spec) =>
        ((FileDevice)device).ReadNames(mayMark: spec.Uuid is null && !spec.IsReadOnly);

    /// <inheritdoc/>
    public override void Refresh(BlockDevice device) => ((FileDevice)device).Refresh();

    /// <inheritdoc/>
    public override string Describe(BlockDevice device)
    {
        var file = (FileDevice)device;
        return (file.IsBlockDevice ? "block device" : "file") + (file.IsDirect ? ", direct I/O" : ", through the page cache");
    }
}
