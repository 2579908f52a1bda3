namespace ManagedNvmet.Target.Health;

/// <summary>The classes of the latency histogram, in powers of two of a microsecond. Class 0 is below 1 µs, class 1 below 2 µs, class 2
/// below 4 µs and so on; the last class is 33.6 s and more.</summary>
public static class LatencyBuckets
{
    /// <summary>Number of classes.</summary>
    public const int Count = 27;

    /// <summary>Returns the class of a latency.</summary>
    /// <param name="microseconds">0 or more.</param>
    public static int IndexOf(long microseconds) =>
        microseconds <= 0 ? 0 : Math.Min(Count - 1, System.Numerics.BitOperations.Log2((ulong)microseconds) + 1);

    /// <summary>Returns the upper bound of a class in microseconds; infinity for the last class.</summary>
    /// <param name="index">0 to <see cref="Count"/> − 1.</param>
    public static double UpperBoundMicroseconds(int index) => index == Count - 1 ? double.PositiveInfinity : 1L << index;
}
