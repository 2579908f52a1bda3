namespace ManagedNvmet.Backends.Kinds;

/// <summary>A kind of which nothing but the size is known: each namespace is a disk of its own.</summary>
public abstract class SizedBackend : BackendKind
{
    /// <inheritdoc/>
    public override string Form => $"{Scheme}:SIZE";

    /// <inheritdoc/>
    public override bool NamesDisk => false;

    /// <inheritdoc/>
    public override void Check(string subject) => SizeOf(subject);

    /// <inheritdoc/>
    public override string NameOf(NamespaceSpec spec) => $"{Scheme}:{SizeOf(spec.Subject)}";

    /// <summary>The size in bytes.</summary>
    /// <exception cref="BackendException">It is no size.</exception>
    protected ulong SizeOf(string subject) => ByteSize.TryParse(subject, out ulong bytes) && bytes is > 0 and <= long.MaxValue
        ? bytes
        : throw new BackendException(
            $"\"{subject}\" in \"{Scheme}:{subject}\" is no size; expected bytes, or a number with a unit such as 512M or 1TiB.");

    /// <summary>Bytes of a logical block.</summary>
    protected static int BlockSizeOf(NamespaceSpec spec) => spec.BlockSize ?? BlockDeviceProperties.MinBlockSize;
}
