using System.Reflection;
using BenchmarkDotNet.Attributes;
using Xunit;

namespace ManagedNvmet.Benchmarks.Tests;

/// <summary>Runs each benchmark with each of its parameters and checks that it allocates nothing.</summary>
public sealed class AllocationTests
{
    private const int Calls = 2_000;
    private const int Attempts = 5;

    /// <summary>All benchmarks of the project, except those whose work runs on another thread.</summary>
    public static TheoryData<string, string, int> Benchmarks
    {
        get
        {
            var rows = new TheoryData<string, string, int>();
            foreach (Type type in BenchmarkTypes.Where(type => type != typeof(DiskRingBenchmarks)))
            {
                foreach (MethodInfo method in Methods(type))
                {
                    for (int parameter = 0; parameter < Math.Max(1, Values(type).Length); parameter++)
                        rows.Add(type.Name, method.Name, parameter);
                }
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Benchmarks))]
    public void A_part_allocates_nothing(string typeName, string methodName, int parameter)
    {
        Type type = BenchmarkTypes.Single(type => type.Name == typeName);
        object benchmark = Create(type, parameter);
        Action body = Body(benchmark, type.GetMethod(methodName)!);
        for (int call = 0; call < Calls; call++)
            body();

        // Takes the smallest of several measurements, because the runtime itself sometimes allocates on the thread when it recompiles a
        // method.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int call = 0; call < Calls; call++)
                body();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    public void A_round_trip_through_the_disk_ring_allocates_nothing_on_the_shard(int depth)
    {
        var benchmark = new DiskRingBenchmarks { Depth = depth };
        benchmark.Setup();
        try
        {
            long least = long.MaxValue;
            for (int attempt = 0; attempt < Attempts && least > 0; attempt++)
            {
                benchmark.RoundTrip();
                least = Math.Min(least, benchmark.AllocatedOnShard);
            }

            Assert.Equal(0, least);
        }
        finally
        {
            benchmark.Cleanup();
        }
    }

    [Fact]
    public void There_are_benchmarks_of_every_part() =>
        Assert.Equal(
            [
                nameof(CommandBenchmarks), nameof(ConnectionBenchmarks), nameof(DigestBenchmarks), nameof(DiskRingBenchmarks),
                nameof(HeaderBenchmarks),
            ],
            BenchmarkTypes.Select(type => type.Name).Order(StringComparer.Ordinal));

    private static IEnumerable<Type> BenchmarkTypes => typeof(CommandBenchmarks).Assembly.GetTypes().Where(type => Methods(type).Any());

    private static IEnumerable<MethodInfo> Methods(Type type) =>
        type.GetMethods().Where(method => method.GetCustomAttribute<BenchmarkAttribute>() is not null);

    private static PropertyInfo? Parameter(Type type) =>
        type.GetProperties().SingleOrDefault(property => property.GetCustomAttribute<ParamsAttribute>() is not null);

    private static object?[] Values(Type type) => Parameter(type)?.GetCustomAttribute<ParamsAttribute>()!.Values ?? [];

    private static object Create(Type type, int parameter)
    {
        object benchmark = Activator.CreateInstance(type)!;
        Parameter(type)?.SetValue(benchmark, Values(type)[parameter]);
        type.GetMethods().SingleOrDefault(method => method.GetCustomAttribute<GlobalSetupAttribute>() is not null)?.Invoke(benchmark, null);
        return benchmark;
    }

    private static Action Body(object benchmark, MethodInfo method)
    {
        // Uses a typed delegate, because a call by reflection would box the result.
        if (method.ReturnType == typeof(long))
            return Call(method.CreateDelegate<Func<long>>(benchmark));
        if (method.ReturnType == typeof(ulong))
            return Call(method.CreateDelegate<Func<ulong>>(benchmark));
        if (method.ReturnType == typeof(uint))
            return Call(method.CreateDelegate<Func<uint>>(benchmark));
        if (method.ReturnType == typeof(bool))
            return Call(method.CreateDelegate<Func<bool>>(benchmark));
        return Call(method.CreateDelegate<Func<Target.Commands.CommandEffects>>(benchmark));
    }

    private static Action Call<T>(Func<T> function) => () => _ = function();
}
