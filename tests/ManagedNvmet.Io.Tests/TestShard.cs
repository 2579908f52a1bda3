using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Io.Tests;

/// <summary>A running shard, with methods that run work on its thread and wait for the result.</summary>
internal sealed class TestShard : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public TestShard(ShardOptions? options = null)
    {
        options ??= new ShardOptions();
        Shard = new Shard(options with { OnUnhandled = options.OnUnhandled ?? Keep }, NullLogger.Instance);
        Shard.Start();
    }

    public Shard Shard { get; }

    public List<Exception> Unhandled { get; } = [];

    /// <summary>Runs an action on the shard's thread and waits for it. Rethrows its exception.</summary>
    public void Run(Action action)
    {
        var done = new TaskCompletionSource();
        Shard.Post(_ =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }, null);
        Wait(done.Task);
    }

    public T Get<T>(Func<T> function)
    {
        T value = default!;
        Run(() => value = function());
        return value;
    }

    /// <summary>Starts a disk operation on the shard's thread and waits for its result.</summary>
    public long Disk(Action<DiskQueue, IDiskCompletion> start)
    {
        var completion = new ResultCompletion(Shard);
        Run(() => start(Shard.Disk, completion));
        return Wait(completion.Result);
    }

    public static void Wait(Task task) => Assert.True(task.ContinueWith(_ => { }).Wait(Patience) && Rethrow(task), "nothing came in time");

    public static T Wait<T>(Task<T> task)
    {
        Wait((Task)task);
        return task.Result;
    }

    public void Dispose()
    {
        Shard.Stop();
        if (Unhandled.Count != 0)
            throw new AggregateException(Unhandled);
    }

    private static bool Rethrow(Task task)
    {
        task.GetAwaiter().GetResult();
        return true;
    }

    private void Keep(Exception e) => Unhandled.Add(e);

    private sealed class ResultCompletion(Shard shard) : IDiskCompletion
    {
        private readonly TaskCompletionSource<long> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<long> Result => _result.Task;

        public void OnDiskCompleted(long result, object? state)
        {
            Assert.True(shard.IsCurrentThread);
            _result.SetResult(result);
        }
    }
}
