namespace ManagedNvmet.Io.Native;

/// <summary>An eventfd: a counter that makes a descriptor readable.</summary>
internal sealed unsafe class EventDescriptor : IDisposable
{
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000;

    public EventDescriptor()
    {
        Fd = LibC.Result(LibC.EventFd(0, NonBlockingCloseOnExec));
        if (Fd < 0)
            throw new SystemCallException("eventfd", -Fd);
    }

    public int Fd { get; }

    public void Signal()
    {
        // A local, on the stack for the call. The only error, EAGAIN, means that the counter is full, and so readable already.
        ulong one = 1;
        LibC.Write(Fd, &one, sizeof(ulong));
    }

    public void Dispose() => LibC.Close(Fd);
}
