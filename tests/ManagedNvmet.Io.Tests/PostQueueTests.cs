namespace ManagedNvmet.Io.Tests;

public sealed class PostQueueTests
{
    private readonly PostQueue _queue;
    private int _wakes;

    public PostQueueTests() => _queue = new PostQueue(() => _wakes++);

    [Fact]
    public void The_reader_is_woken_once_for_many_items_and_only_after_it_has_asked()
    {
        Post(1);
        Assert.Equal(0, _wakes);
        Assert.Equal([1], Take());
        Assert.True(_queue.TryArm());
        Post(2);
        Post(3);
        Assert.Equal(1, _wakes);
        Assert.Equal([2, 3], Take());
    }

    [Fact]
    public void A_reader_with_work_cannot_ask_for_a_wake_up_and_one_that_withdraws_gets_none()
    {
        Post(1);
        Assert.False(_queue.TryArm());
        Take();
        Assert.True(_queue.TryArm());
        _queue.Disarm();
        Post(2);
        Assert.Equal(0, _wakes);
    }

    [Fact]
    public void An_empty_queue_closes_and_refuses_work_and_one_with_work_does_not_close()
    {
        Post(1);
        Assert.False(_queue.TryClose());
        Take();
        Assert.True(_queue.TryClose());
        Assert.False(_queue.TryPost(static _ => { }, null));
        Assert.False(_queue.HasWork);
    }

    private void Post(int item) => Assert.True(_queue.TryPost(static _ => { }, item));

    private int[] Take()
    {
        Span<PostedWork> posted = _queue.TakeAll();
        int[] items = [.. posted.ToArray().Select(work => (int)work.State!)];
        posted.Clear();
        return items;
    }
}
