using ManagedNvmet.Target.QualityOfService;

namespace ManagedNvmet.Target.Queues;

/// <summary>The commands of one queue that wait because of a limit, in the order in which they came. Commands of different limits do not
/// wait for each other; nor do reads for writes.</summary>
/// <remarks>Belongs to the queue's thread.</remarks>
internal sealed class ThrottleLine
{
    // A limit that is lifted, or raised, is seen within this time.
    private const long MaxWaitMilliseconds = 100;

    private readonly List<QueuedCommand> _waiting = [];
    private readonly List<Entry> _entries = [];
    private readonly Stack<Entry> _spare = new();

    /// <summary>Commands that wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Lets a command go, or makes it wait.</summary>
    /// <returns>False when it waits.</returns>
    public bool TryPass(QueuedCommand context, long now)
    {
        bool isWrite = context.Command!.ModifiesMedium;
        foreach (Throttle throttle in context.Throttles!)
        {
            if (throttle.IsFree(isWrite, now))
                continue;
            Add(context, isWrite);
            return false;
        }
        Take(context, isWrite);
        return true;
    }

    /// <summary>A turn: takes out the first command that may go now.</summary>
    /// <param name="position">Where to look from; 0 at the begin of a turn, then as it was left.</param>
    /// <returns>Null when none may.</returns>
    public QueuedCommand? TakeNext(ref int position)
    {
        for (; position < _waiting.Count; position++)
        {
            QueuedCommand context = _waiting[position];
            bool isWrite = context.Command!.ModifiesMedium;
            if (!MayGo(context, isWrite))
                continue;
            foreach (Throttle throttle in context.Throttles!)
                Find(throttle)!.Note(isWrite, context.BlockBytes);
            Remove(position);
            Take(context, isWrite);
            return context;
        }
        return null;
    }

    /// <summary>Begins a turn.</summary>
    public void BeginTurn(long now)
    {
        foreach (Entry entry in _entries)
            entry.Begin(now);
    }

    /// <summary>When the next turn is due, in milliseconds of the queue's clock; <see cref="long.MaxValue"/> when nothing waits.</summary>
    public long NextTurn(long now)
    {
        if (_waiting.Count == 0)
            return long.MaxValue;
        long soonest = MaxWaitMilliseconds;
        foreach (QueuedCommand context in _waiting)
        {
            long wait = 1;
            foreach (Throttle throttle in context.Throttles!)
                wait = Math.Max(wait, throttle.WaitMilliseconds(context.Command!.ModifiesMedium));
            soonest = Math.Min(soonest, wait);
            if (soonest == 1)
                break;
        }
        return now + soonest;
    }

    /// <summary>Takes a command out that is not to go on.</summary>
    public bool TryRemove(QueuedCommand context)
    {
        int index = _waiting.IndexOf(context);
        if (index >= 0)
            Remove(index);
        return index >= 0;
    }

    /// <summary>Takes the last command out, or null when nothing waits.</summary>
    public QueuedCommand? TakeLast()
    {
        if (_waiting.Count == 0)
            return null;
        QueuedCommand context = _waiting[^1];
        Remove(_waiting.Count - 1);
        return context;
    }

    private static void Take(QueuedCommand context, bool isWrite)
    {
        foreach (Throttle throttle in context.Throttles!)
            throttle.Take(isWrite, context.BlockBytes);
    }

    // Who may not go keeps those of the same direction and the same limits behind it from going.
    private bool MayGo(QueuedCommand context, bool isWrite)
    {
        bool mayGo = true;
        foreach (Throttle throttle in context.Throttles!)
            mayGo &= Find(throttle)!.MayGo(isWrite);
        if (mayGo)
            return true;
        foreach (Throttle throttle in context.Throttles!)
            Find(throttle)!.Block(isWrite);
        return false;
    }

    private void Add(QueuedCommand context, bool isWrite)
    {
        _waiting.Add(context);
        foreach (Throttle throttle in context.Throttles!)
        {
            if (Find(throttle) is not { } entry)
            {
                entry = _spare.TryPop(out Entry? used) ? used : new Entry();
                entry.Throttle = throttle;
                _entries.Add(entry);
            }
            entry.Change(isWrite, 1);
        }
    }

    private void Remove(int index)
    {
        QueuedCommand context = _waiting[index];
        _waiting.RemoveAt(index);
        foreach (Throttle throttle in context.Throttles!)
        {
            Entry entry = Find(throttle)!;
            entry.Change(context.Command!.ModifiesMedium, -1);
            if (!entry.IsUnused)
                continue;
            _entries.Remove(entry);
            _spare.Push(entry);
        }
    }

    private Entry? Find(Throttle throttle)
    {
        foreach (Entry entry in _entries)
        {
            if (entry.Throttle == throttle)
                return entry;
        }
        return null;
    }

    private sealed class Entry
    {
        private BucketLevels _taken;
        private bool _isReadBlocked;
        private bool _isWriteBlocked;

        private int _readers;
        private int _writers;

        public Throttle Throttle { get; set; } = null!;

        public bool IsUnused => _readers + _writers == 0;

        public void Change(bool isWrite, int by)
        {
            ref int count = ref isWrite ? ref _writers : ref _readers;
            bool wasWaiting = count > 0;
            count += by;
            if (wasWaiting != count > 0)
                Throttle.ChangeWaiting(isWrite, by);
        }

        public void Begin(long now)
        {
            Throttle.BeginTurn(now);
            _taken = default;
            _isReadBlocked = false;
            _isWriteBlocked = false;
        }

        public bool MayGo(bool isWrite) => !(isWrite ? _isWriteBlocked : _isReadBlocked) && Throttle.MayGo(isWrite, _taken);

        public void Note(bool isWrite, uint bytes) => Throttle.Note(ref _taken, isWrite, bytes);

        public void Block(bool isWrite)
        {
            if (isWrite)
                _isWriteBlocked = true;
            else
                _isReadBlocked = true;
        }
    }
}
