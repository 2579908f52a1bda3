using System.Runtime.CompilerServices;

namespace ManagedNvmet.Target.QualityOfService;

/// <summary>A number for each bucket of a <see cref="Throttle"/>.</summary>
[InlineArray(Throttle.BucketCount)]
internal struct BucketLevels
{
    private double _first;
}
