using System.Runtime.InteropServices;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Io.Loop;

/// <summary>The watched descriptors of a shard, and the events of a round. Belongs to one thread.</summary>
/// <remarks>The kernel returns with each event the descriptor and a generation. Unwatching increments the generation, so an event of this
/// round for a descriptor that was closed, or opened again for another connection, reaches no handler.</remarks>
internal sealed unsafe class PollTable : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Delete = 2;
    private const int Modify = 3;
    private const int EventsARound = 256;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventBytes = DataOffset + 8;

    private readonly int _epoll;
    private readonly byte[] _events = GC.AllocateArray<byte>(EventsARound * 16, pinned: true);
    private readonly byte* _eventMemory;
    private Entry[] _entries = new Entry[64];

    public PollTable()
    {
        // Allocated pinned, and kept alive by the field beside it.
        _eventMemory = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_events, 0);
        _epoll = LibC.Result(LibC.EpollCreate(CloseOnExec));
        if (_epoll < 0)
            throw new SystemCallException("epoll_create1", -_epoll);
    }

    /// <summary>Descriptors that are watched.</summary>
    public int Count { get; private set; }

    public void Watch(int fd, PollEvents events, IPollHandler handler)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fd);
        if (fd >= _entries.Length)
            Array.Resize(ref _entries, Math.Max(fd + 1, _entries.Length * 2));
        ref Entry entry = ref _entries[fd];
        if (entry.Handler is not null)
            throw new InvalidOperationException($"The descriptor {fd} is watched already.");
        Control(Add, fd, events, entry.Generation);
        entry.Handler = handler;
        entry.Events = events;
        Count++;
    }

    public void Rewatch(int fd, PollEvents events)
    {
        ref Entry entry = ref Watched(fd);
        if (entry.Events == events)
            return;
        Control(Modify, fd, events, entry.Generation);
        entry.Events = events;
    }

    public void Unwatch(int fd)
    {
        ref Entry entry = ref Watched(fd);
        entry.Handler = null;
        entry.Generation++;
        Count--;

        // A descriptor that was closed before, against the rules, is not in the epoll set any more; the error does no harm.
        LibC.EpollControl(_epoll, Delete, fd, _eventMemory);
    }

    /// <summary>Waits for events.</summary>
    /// <param name="timeoutMilliseconds">0 to poll without waiting, -1 for no limit.</param>
    /// <returns>How many events there are; 0 also when a signal interrupted the wait.</returns>
    public int Wait(int timeoutMilliseconds)
    {
        int count = LibC.Result(LibC.EpollWait(_epoll, _eventMemory, EventsARound, timeoutMilliseconds));
        if (count < 0 && count != -Errno.EINTR)
            throw new SystemCallException("epoll_wait", -count);
        return Math.Max(count, 0);
    }

    /// <summary>The handler of an event, or null when its descriptor is not watched any more.</summary>
    public IPollHandler? Take(int index, out int fd, out PollEvents ready)
    {
        // The index is below what Wait returned, which is at most the number of events that the array holds.
        byte* pollEvent = _eventMemory + (index * EventBytes);
        ready = (PollEvents)(*(uint*)pollEvent);
        ulong data = *(ulong*)(pollEvent + DataOffset);
        fd = (int)(uint)data;
        ref Entry entry = ref _entries[fd];
        return entry.Generation == (uint)(data >> 32) ? entry.Handler : null;
    }

    public void Dispose() => LibC.Close(_epoll);

    private ref Entry Watched(int fd)
    {
        if ((uint)fd >= (uint)_entries.Length || _entries[fd].Handler is null)
            throw new InvalidOperationException($"The descriptor {fd} is not watched.");
        return ref _entries[fd];
    }

    private void Control(int operation, int fd, PollEvents events, uint generation)
    {
        // As large as the larger layout of the structure, and on the stack for the call.
        byte* pollEvent = stackalloc byte[16];
        *(uint*)pollEvent = (uint)events;
        *(ulong*)(pollEvent + DataOffset) = ((ulong)generation << 32) | (uint)fd;
        int result = LibC.Result(LibC.EpollControl(_epoll, operation, fd, pollEvent));
        if (result < 0)
            throw new SystemCallException("epoll_ctl", -result);
    }

    private struct Entry
    {
        public IPollHandler? Handler;
        public PollEvents Events;
        public uint Generation;
    }
}
