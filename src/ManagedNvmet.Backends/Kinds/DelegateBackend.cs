using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends.Kinds;

/// <summary>A kind that a function opens. Its subject names one disk.</summary>
/// <param name="scheme">The word before the colon.</param>
/// <param name="open">Opens a device; it closes with the namespace.</param>
public sealed class DelegateBackend(string scheme, Func<NamespaceSpec, ILogger, BlockDevice> open) : BackendKind
{
    /// <inheritdoc/>
    public override string Scheme => scheme;

    /// <inheritdoc/>
    public override string Form => $"{scheme}:NAME";

    /// <inheritdoc/>
    public override BlockDevice Open(NamespaceSpec spec, ILogger logger) => open(spec, logger);
}
