namespace ManagedNvmet.Target.Health;

/// <summary>The classes of latency that commands are counted in: powers of two of a microsecond. Class 0 is less than 1 µs, class 1 less
/// than 2 µs, class 2 less than 4 µs and so on; the last takes everything from 33.6 s on.</summary>
public static class LatencyBuckets
{
    /// <summary>Number of classes.</summary>
    public const int Count = 27;

    /// <summary>The class of a latency.</summary>
    /// <param name="microseconds">0 or more.</param>
    public static int IndexOf(long microseconds) =>
        microseconds <= 0 ? 0 : Math.Min(Count - 1, System.Numerics.BitOperations.Log2((ulong)microseconds) + 1);

    /// <summary>The latency, in microseconds, that everything in a class is less than; infinity for the last class.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public static double UpperBoundMicroseconds(int index) => index == Count - 1 ? double.PositiveInfinity : 1L << index;
}
