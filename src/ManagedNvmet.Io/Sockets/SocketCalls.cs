using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Io.Sockets;

/// <summary>Non-blocking TCP by raw system calls on file descriptors. Nothing here throws: a count comes back, or -errno.</summary>
public static unsafe class SocketCalls
{
    /// <summary>Segments that one <see cref="Send"/> takes; more are left for the next one.</summary>
    public const int MaxSegments = 1024;

    internal const int DontWait = 0x40;
    internal const int NoSignal = 0x4000;

    private const int StreamNonBlockingCloseOnExec = 1 | 0x800 | 0x80000;
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000;
    private const int FamilyV4 = 2;
    private const int FamilyV6 = 10;
    private const int AddressBytes = 28;

    // TCP_CA_NAME_MAX, with the zero at the end.
    private const int CongestionControlBytes = 16;

    // Where tcpi_rtt lies in struct tcp_info, which the kernel only ever lengthens.
    private const int RoundTripOffset = 68;
    private const int LevelSocket = 1;
    private const int LevelTcp = 6;
    private const int LevelV6 = 41;
    private const int OptionReuseAddress = 2;
    private const int OptionError = 4;
    private const int OptionSendBuffer = 7;
    private const int OptionReceiveBuffer = 8;
    private const int OptionKeepAlive = 9;
    private const int OptionLinger = 13;
    private const int OptionReceiveLowWater = 18;
    private const int OptionNoDelay = 1;
    private const int OptionInformation = 11;
    private const int OptionCongestionControl = 13;
    private const int OptionV6Only = 26;

    /// <summary>Receives what is there into <paramref name="first"/> and then <paramref name="second"/>, in one call.</summary>
    /// <param name="fd">A connected socket.</param>
    /// <param name="first">At least one byte.</param>
    /// <param name="second">May be empty.</param>
    /// <returns>Bytes received; 0 at the end of the stream; -EAGAIN when there is nothing; another -errno when the connection
    /// failed.</returns>
    public static int Receive(int fd, Span<byte> first, Span<byte> second)
    {
        // The spans are pinned for the call, and the kernel keeps no address after it.
        fixed (byte* firstBytes = first)
        fixed (byte* secondBytes = second)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector { Base = (nint)firstBytes, Length = (nuint)first.Length };
            vectors[1] = new IoVector { Base = (nint)secondBytes, Length = (nuint)second.Length };
            var message = new MessageHeader { Vectors = (nint)vectors, VectorCount = 2 };
            int result;
            do
            {
                result = (int)LibC.Result(second.IsEmpty
                    ? LibC.Receive(fd, firstBytes, (nuint)first.Length, DontWait)
                    : LibC.ReceiveMessage(fd, &message, DontWait));
            }
            while (result == -Errno.EINTR);
            return result;
        }
    }

    /// <summary>Sends the segments in order, in one gather call. The kernel copies them before the call returns.</summary>
    /// <param name="fd">A connected socket.</param>
    /// <param name="segments">Memory that does not move: pinned arrays (those of a buffer arena, or allocated pinned) or
    /// native memory. Those beyond <see cref="MaxSegments"/> are not looked at.</param>
    /// <returns>Bytes taken, which may be fewer than given; -EAGAIN when there is no room; another -errno when the connection
    /// failed.</returns>
    [SkipLocalsInit]
    public static int Send(int fd, ReadOnlySpan<ReadOnlyMemory<byte>> segments)
    {
        IoVector* vectors = stackalloc IoVector[Math.Min(segments.Length, MaxSegments)];
        int count = Describe(segments, new Span<IoVector>(vectors, Math.Min(segments.Length, MaxSegments)));
        var message = new MessageHeader { Vectors = (nint)vectors, VectorCount = (nuint)count };
        int result;
        do
        {
            result = (int)LibC.Result(count == 1
                ? LibC.Send(fd, (void*)vectors[0].Base, vectors[0].Length, DontWait | NoSignal)
                : LibC.SendMessage(fd, &message, DontWait | NoSignal));
        }
        while (result == -Errno.EINTR);
        return result;
    }

    /// <summary>Describes segments for the kernel, as many as there are vectors for. The memory is as for <see cref="Send"/>, and lent for
    /// as long as the vectors are used.</summary>
    /// <returns>How many were described.</returns>
    internal static int Describe(ReadOnlySpan<ReadOnlyMemory<byte>> segments, Span<IoVector> vectors)
    {
        int count = Math.Min(segments.Length, vectors.Length);
        for (int i = 0; i < count; i++)
        {
            // Only the address outlives the span. That is sound because the caller lends memory that the garbage collector never
            // moves, and the segments themselves keep it alive until the call is over.
            ReadOnlySpan<byte> bytes = segments[i].Span;
            vectors[i].Base = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
            vectors[i].Length = (nuint)bytes.Length;
        }
        return count;
    }

    /// <summary>Opens a listening socket; an IPv6 one takes IPv6 only, so that 0.0.0.0 and :: can be listened on side by side.</summary>
    /// <returns>The descriptor, or -errno, for example -EADDRINUSE, -EADDRNOTAVAIL, -EACCES.</returns>
    public static int Listen(IPEndPoint endPoint, int backlog)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        bool v6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        int fd = LibC.Result(LibC.Socket(v6 ? FamilyV6 : FamilyV4, StreamNonBlockingCloseOnExec, 0));
        if (fd < 0)
            return fd;

        // The buffer is on the stack and as large as the largest address written to it.
        byte* address = stackalloc byte[AddressBytes];
        int length = WriteAddress(new Span<byte>(address, AddressBytes), endPoint);
        int result = SetOption(fd, LevelSocket, OptionReuseAddress, 1);
        if (result >= 0 && v6)
            result = SetOption(fd, LevelV6, OptionV6Only, 1);
        if (result >= 0)
            result = LibC.Result(LibC.Bind(fd, address, length));
        if (result >= 0)
            result = LibC.Result(LibC.Listen(fd, backlog));
        if (result >= 0)
            return fd;
        Close(fd);
        return result;
    }

    /// <summary>Begins to connect: the socket becomes writable when it is connected or has failed, which <see cref="TakeError"/>
    /// tells.</summary>
    /// <returns>The descriptor, or -errno when it failed at once.</returns>
    public static int BeginConnect(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        bool v6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        int fd = LibC.Result(LibC.Socket(v6 ? FamilyV6 : FamilyV4, StreamNonBlockingCloseOnExec, 0));
        if (fd < 0)
            return fd;

        // The buffer is on the stack and as large as the largest address written to it.
        byte* address = stackalloc byte[AddressBytes];
        int length = WriteAddress(new Span<byte>(address, AddressBytes), endPoint);
        int result = LibC.Result(LibC.Connect(fd, address, length));
        if (result >= 0 || result == -Errno.EINPROGRESS)
            return fd;
        Close(fd);
        return result;
    }

    /// <summary>Takes one connection from a listening socket; it is non-blocking and not inherited by other programs.</summary>
    /// <returns>The descriptor, or -errno: -EAGAIN when there is none.</returns>
    public static int Accept(int listener)
    {
        int result;
        do
            result = LibC.Result(LibC.Accept(listener, null, null, NonBlockingCloseOnExec));
        while (result == -Errno.EINTR);
        return result;
    }

    /// <summary>Sends small segments at once. Responses are gathered already, so waiting for more gains nothing.</summary>
    public static int SetNoDelay(int fd) => SetOption(fd, LevelTcp, OptionNoDelay, 1);

    /// <summary>Sets the size of the kernel's send buffer in bytes (the kernel doubles it for its own book-keeping).</summary>
    public static int SetSendBuffer(int fd, int bytes) => SetOption(fd, LevelSocket, OptionSendBuffer, bytes);

    /// <summary>Sets the size of the kernel's receive buffer in bytes (the kernel doubles it for its own book-keeping).</summary>
    public static int SetReceiveBuffer(int fd, int bytes) => SetOption(fd, LevelSocket, OptionReceiveBuffer, bytes);

    /// <summary>Sets how many received bytes make the socket readable for epoll (SO_RCVLOWAT); 1 is the default. The end of the stream, an
    /// error and a full receive buffer make it readable all the same, and <see cref="Receive"/> returns fewer bytes all the same. The
    /// kernel enlarges the receive buffer if needed, or lowers the mark to half of one that has a fixed size.</summary>
    public static int SetReceiveLowWater(int fd, int bytes) => SetOption(fd, LevelSocket, OptionReceiveLowWater, bytes);

    /// <summary>The mark set by <see cref="SetReceiveLowWater"/>, in bytes, or -errno.</summary>
    public static int GetReceiveLowWater(int fd)
    {
        int value = 0;
        int length = sizeof(int);
        // Both are locals, on the stack for the call.
        int result = LibC.Result(LibC.GetSocketOption(fd, LevelSocket, OptionReceiveLowWater, &value, &length));
        return result < 0 ? result : value;
    }

    /// <summary>Chooses how the kernel paces a connection: one of the names in
    /// /proc/sys/net/ipv4/tcp_available_congestion_control.</summary>
    /// <returns>0 or more; -ENOENT when the kernel does not offer it; -EPERM when it offers it to root only.</returns>
    public static int SetCongestionControl(int fd, string name)
    {
        byte* bytes = stackalloc byte[CongestionControlBytes];
        if (!Encoding.ASCII.TryGetBytes(name, new Span<byte>(bytes, CongestionControlBytes), out int length))
            return -Errno.ENOENT;
        // The kernel reads no more than the length, which is that of the text.
        return LibC.Result(LibC.SetSocketOption(fd, LevelTcp, OptionCongestionControl, bytes, length));
    }

    /// <summary>How the kernel paces a connection, or null when it does not tell.</summary>
    public static string? GetCongestionControl(int fd)
    {
        // The kernel writes at most the length it is given, which is the size of the buffer on the stack.
        byte* bytes = stackalloc byte[CongestionControlBytes];
        int length = CongestionControlBytes;
        return LibC.GetSocketOption(fd, LevelTcp, OptionCongestionControl, bytes, &length) < 0
            ? null
            : Encoding.ASCII.GetString(bytes, length).TrimEnd('\0');
    }

    /// <summary>The round trip to the peer as the kernel has measured it, the handshake included.</summary>
    /// <returns>Microseconds, or -errno.</returns>
    public static int RoundTripMicroseconds(int fd)
    {
        // As above.
        byte* information = stackalloc byte[RoundTripOffset + sizeof(uint)];
        int length = RoundTripOffset + sizeof(uint);
        int result = LibC.Result(LibC.GetSocketOption(fd, LevelTcp, OptionInformation, information, &length));
        return result < 0 ? result : (int)Math.Min(*(uint*)(information + RoundTripOffset), int.MaxValue);
    }

    /// <summary>Turns TCP keep-alive off: the Keep Alive Timer of NVMe decides when a host is gone.</summary>
    public static int SetKeepAliveOff(int fd) => SetOption(fd, LevelSocket, OptionKeepAlive, 0);

    /// <summary>Makes <see cref="Close"/> reset the connection and drop what was not sent.</summary>
    public static int SetResetOnClose(int fd)
    {
        // struct linger { int l_onoff; int l_linger; }, on the stack for the call.
        int* linger = stackalloc int[2] { 1, 0 };
        return LibC.Result(LibC.SetSocketOption(fd, LevelSocket, OptionLinger, linger, 2 * sizeof(int)));
    }

    /// <summary>Takes the pending error of the socket: 0 or a positive errno; -errno when it cannot be read.</summary>
    public static int TakeError(int fd)
    {
        int value = 0;
        int length = sizeof(int);
        // Both are locals, on the stack for the call.
        int result = LibC.Result(LibC.GetSocketOption(fd, LevelSocket, OptionError, &value, &length));
        return result < 0 ? result : value;
    }

    /// <summary>Ends one or both directions of a connection in an orderly way.</summary>
    public static int Shutdown(int fd, SocketShutdown how) => LibC.Result(LibC.Shutdown(fd, (int)how));

    /// <summary>Closes a descriptor. It must not be used again, whatever is returned. A shard must not watch it any more.</summary>
    public static int Close(int fd) => LibC.Result(LibC.Close(fd));

    /// <summary>The address on this side, or null when the socket has none.</summary>
    public static IPEndPoint? LocalEndPoint(int fd) => EndPoint(fd, peer: false);

    /// <summary>The address of the other side, or null when it is not connected any more.</summary>
    public static IPEndPoint? PeerEndPoint(int fd) => EndPoint(fd, peer: true);

    private static IPEndPoint? EndPoint(int fd, bool peer)
    {
        // The kernel writes at most the length it is given, which is the size of the buffer on the stack.
        byte* address = stackalloc byte[AddressBytes];
        int length = AddressBytes;
        int result = peer ? LibC.GetPeerName(fd, address, &length) : LibC.GetSocketName(fd, address, &length);
        return result < 0 ? null : ReadAddress(new ReadOnlySpan<byte>(address, Math.Min(length, AddressBytes)));
    }

    private static int SetOption(int fd, int level, int name, int value) =>
        LibC.Result(LibC.SetSocketOption(fd, level, name, &value, sizeof(int))); // A parameter, on the stack for the call.

    private static int WriteAddress(Span<byte> address, IPEndPoint endPoint)
    {
        bool v6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        address.Clear();
        MemoryMarshal.Write(address, (ushort)(v6 ? FamilyV6 : FamilyV4));
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], (ushort)endPoint.Port);
        endPoint.Address.TryWriteBytes(address[(v6 ? 8 : 4)..], out _);
        if (!v6)
            return 16;
        MemoryMarshal.Write(address[24..], (uint)endPoint.Address.ScopeId);
        return AddressBytes;
    }

    private static IPEndPoint? ReadAddress(ReadOnlySpan<byte> address)
    {
        int family = address.Length < 2 ? 0 : MemoryMarshal.Read<ushort>(address);
        if (family == FamilyV4 && address.Length >= 8)
            return new IPEndPoint(new IPAddress(address.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
        if (family == FamilyV6 && address.Length >= AddressBytes)
        {
            var ip = new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..]));
            return new IPEndPoint(ip, BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
        }
        return null;
    }
}
