namespace ManagedNvmet.Transport.Tcp;

/// <summary>Work for one connection from any thread, in the order of posting: it follows the connection when that goes to another shard.</summary>
/// <remarks>Two lists change places, so that nothing is allocated once they have grown to the load.</remarks>
internal sealed class TransportInbox
{
    private readonly Lock gate = new();
    private Work[] posted = [];
    private Work[] running = [];
    private int count;
    private bool isAnnounced;

    /// <summary>Adds work.</summary>
    /// <returns>True when the connection's shard has to be told that there is some.</returns>
    public bool Add(Action<object?> action, object? state)
    {
        lock (gate)
        {
            if (count == posted.Length)
                Array.Resize(ref posted, Math.Max(4, 2 * count));
            posted[count++] = new Work(action, state);
            bool isNews = !isAnnounced;
            isAnnounced = true;
            return isNews;
        }
    }

    /// <summary>Takes what has been posted, valid until the next call. On the connection's thread.</summary>
    public Span<Work> TakeAll()
    {
        lock (gate)
        {
            int taken = count;
            (posted, running) = (running, posted);
            count = 0;
            isAnnounced = false;
            return running.AsSpan(0, taken);
        }
    }

    internal readonly record struct Work(Action<object?> Action, object? State);
}
