using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends.Kinds;

/// <summary>Nothing: writes are dropped, reads give zeros. <c>null:SIZE</c>.</summary>
public sealed class NullBackend : SizedBackend
{
    /// <inheritdoc/>
    public override string Scheme => "null";

    /// <inheritdoc/>
    public override BlockDevice Open(NamespaceSpec spec, ILogger logger) =>
        new NullDevice(SizeOf(spec.Subject), BlockSizeOf(spec), spec.IsReadOnly);

    /// <inheritdoc/>
    public override string Describe(BlockDevice device) => "keeps nothing";
}
