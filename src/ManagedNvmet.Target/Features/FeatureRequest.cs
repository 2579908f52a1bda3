using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.Features;

/// <summary>A Get Features or Set Features command.</summary>
/// <param name="features">The values of the controller.</param>
/// <param name="entry">The submission queue entry.</param>
/// <param name="data">The data that the host sent, or a buffer for the data that it receives; <see cref="Feature.DataLength"/>
/// bytes.</param>
public readonly ref struct FeatureRequest(FeatureSet features, ref readonly SubmissionEntry entry, Span<byte> data)
{
    private readonly ref readonly SubmissionEntry _entry = ref entry;

    /// <summary>The values of the controller.</summary>
    public FeatureSet Features { get; } = features;

    /// <summary>The submission queue entry.</summary>
    public ref readonly SubmissionEntry Entry => ref _entry;

    /// <summary>The data that the host sent, or a buffer for the data that it receives.</summary>
    public Span<byte> Data { get; } = data;
}
