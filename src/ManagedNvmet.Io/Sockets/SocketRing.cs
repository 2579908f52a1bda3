using System.Runtime.InteropServices;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Io.Sockets;

/// <summary>Receives and sends of several sockets in one system call, through an io_uring of their own.</summary>
/// <remarks>Like the calls of <see cref="SocketCalls"/> they do not wait: all have ended when <see cref="Call"/> returns. Belongs to the
/// thread that created it.</remarks>
internal sealed class SocketRing : IDisposable
{
    /// <summary>Most receives and sends of one <see cref="Call"/>.</summary>
    public const int MostCalls = 16;

    private readonly UringRing _ring;
    private readonly int[] _results = new int[MostCalls];

    // Pinned, since the kernel reads them by address; each call has its place. Only what is used is ever committed.
    private readonly MessageHeader[] _messages = GC.AllocateArray<MessageHeader>(MostCalls, pinned: true);
    private readonly IoVector[] _vectors =
        GC.AllocateUninitializedArray<IoVector>(MostCalls * SocketCalls.MaxSegments, pinned: true);

    private SocketRing(UringRing ring) => _ring = ring;

    /// <summary>Calls that were added since the last <see cref="Clear"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Creates a ring, on the thread that will use it. Null where io_uring is not available.</summary>
    public static SocketRing? TryCreate() =>
        UringRing.TryCreate(MostCalls, MostCalls * 2, out _) is { } ring ? new SocketRing(ring) : null;

    /// <summary>Adds a receive.</summary>
    /// <param name="fd">A connected socket.</param>
    /// <param name="buffer">Allocated pinned, at least one byte; lent until <see cref="Call"/> returns.</param>
    public void AddReceive(int fd, byte[] buffer) => Add(new UringSubmission
    {
        Opcode = UringSubmission.OpcodeReceive,
        Fd = fd,
        Address = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0),
        Length = (uint)buffer.Length,
        OperationFlags = SocketCalls.DontWait,
    });

    /// <summary>Adds a gather send.</summary>
    /// <param name="fd">A connected socket.</param>
    /// <param name="segments">As for <see cref="SocketCalls.Send"/>; lent until <see cref="Call"/> returns.</param>
    public void AddSend(int fd, ReadOnlySpan<ReadOnlyMemory<byte>> segments)
    {
        int first = Count * SocketCalls.MaxSegments;
        int count = SocketCalls.Describe(segments, _vectors.AsSpan(first, SocketCalls.MaxSegments));
        _messages[Count].Vectors = Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, first);
        _messages[Count].VectorCount = (nuint)count;
        Add(new UringSubmission
        {
            Opcode = UringSubmission.OpcodeSendMessage,
            Fd = fd,
            Address = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(_messages, Count),
            Length = 1,
            OperationFlags = SocketCalls.DontWait | SocketCalls.NoSignal,
        });
    }

    /// <summary>Makes the calls that were added.</summary>
    public void Call()
    {
        // A call that the kernel does not take, for example out of memory, counts as EAGAIN: epoll reports the socket again.
        _results.AsSpan(0, Count).Fill(-Errno.EAGAIN);
        int left = Math.Clamp(_ring.Enter(), 0, Count);
        _ring.Withdraw();
        while (left > 0)
        {
            // The calls do not wait, so their completions are there already.
            if (_ring.TryTake(out ulong index, out int result))
            {
                _results[index] = result;
                left--;
            }
            else
            {
                _ring.Enter();
            }
        }
    }

    /// <summary>Result of the call that was added with this index: bytes, 0 at the end of the stream, or -errno.</summary>
    public int ResultOf(int index) => _results[index];

    /// <summary>Forgets the calls.</summary>
    public void Clear() => Count = 0;

    public void Dispose() => _ring.Dispose();

    private void Add(UringSubmission submission)
    {
        submission.UserData = (ulong)Count;
        if (Count == MostCalls || !_ring.TryAdd(submission))
            throw new InvalidOperationException($"A call more than the {MostCalls} that a ring of sockets makes at a time.");
        Count++;
    }
}
