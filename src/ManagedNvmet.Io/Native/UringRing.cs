using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Native;

/// <summary>An io_uring: the two shared rings and the three system calls. Belongs to the thread that created it.</summary>
internal sealed unsafe class UringRing : IDisposable
{
    private const int CallSetup = 425;
    private const int CallEnter = 426;
    private const int CallRegister = 427;
    private const int RegisterEventFd = 4;
    private const int RegisterProbe = 8;
    private const int RegisterBuffers2 = 15;
    private const int RegisterBuffersUpdate = 16;
    private const uint RegisterSparse = 1;
    private const uint EnterGetEvents = 1;
    private const uint SetupCompletionSize = 0x8;
    private const uint SetupClamp = 0x10;
    private const uint SetupSubmitAll = 0x80;
    private const uint SetupCoopTaskRun = 0x100;
    private const uint SetupTaskRunFlag = 0x200;
    private const uint SetupSingleIssuer = 0x1000;
    private const uint SetupDeferTaskRun = 0x2000;
    private const uint FeatureSingleMap = 1;
    private const uint FeatureNoDrop = 2;
    private const uint FlagTaskRun = 4;
    private const uint FlagEventFdDisabled = 1;
    private const long OffsetSubmissions = 0x10000000;
    private const int ProbedOpcodes = 32;

    // From the best to the oldest: kernels from 6.1, from 5.19, and before.
    private static readonly uint[] SetupFlags =
    [
        SetupSingleIssuer | SetupDeferTaskRun | SetupTaskRunFlag | SetupSubmitAll,
        SetupCoopTaskRun | SetupTaskRunFlag | SetupSubmitAll,
        0,
    ];

    private readonly int _fd;
    private readonly nint _rings;
    private readonly nuint _ringsBytes;
    private readonly UringSubmission* _submissions;
    private readonly nuint _submissionsBytes;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint* _submissionFlags;
    private readonly uint _submissionMask;
    private readonly uint _submissionCount;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint* _completionFlags;
    private readonly uint _completionMask;
    private readonly byte* _completions;
    private readonly bool _canMute;
    private uint _localTail;

    private UringRing(int fd, in UringParameters parameters)
    {
        _fd = fd;
        _submissionCount = parameters.SubmissionEntries;
        CompletionCapacity = (int)parameters.CompletionEntries;
        _ringsBytes = Math.Max(
            parameters.SubmissionArray + (parameters.SubmissionEntries * sizeof(uint)),
            parameters.CompletionEntriesOffset + (parameters.CompletionEntries * 16));
        _submissionsBytes = parameters.SubmissionEntries * (nuint)sizeof(UringSubmission);
        _rings = MapRing(0, _ringsBytes);
        _submissions = (UringSubmission*)MapRing(OffsetSubmissions, _submissionsBytes);

        // The kernel gives these offsets into the two mappings, which stay until Dispose; every index below is masked to their size.
        byte* rings = (byte*)_rings;
        _submissionHead = (uint*)(rings + parameters.SubmissionHead);
        _submissionTail = (uint*)(rings + parameters.SubmissionTail);
        _submissionFlags = (uint*)(rings + parameters.SubmissionFlags);
        _submissionMask = *(uint*)(rings + parameters.SubmissionMask);
        _completionHead = (uint*)(rings + parameters.CompletionHead);
        _completionTail = (uint*)(rings + parameters.CompletionTail);
        _completionFlags = (uint*)(rings + parameters.CompletionFlags);
        _completionMask = *(uint*)(rings + parameters.CompletionMask);
        _completions = rings + parameters.CompletionEntriesOffset;
        _localTail = *_submissionTail;

        // Muting leaves a window that only a strong memory model closes on the kernel's side.
        _canMute = parameters.CompletionFlags != 0 && RuntimeInformation.ProcessArchitecture == Architecture.X64;

        // Entry i of the ring is always submission i.
        uint* array = (uint*)(rings + parameters.SubmissionArray);
        for (uint i = 0; i < _submissionCount; i++)
            array[i] = i;
    }

    /// <summary>Completions that the ring can hold: what may be outstanding without an overflow.</summary>
    public int CompletionCapacity { get; }

    /// <summary>Entries that were filled in and not submitted yet.</summary>
    public uint UnsubmittedCount => _localTail - Volatile.Read(ref *_submissionHead);

    /// <summary>True when a completion can be taken, or can be had by entering the kernel.</summary>
    public bool HasCompletions => Volatile.Read(ref *_completionTail) != *_completionHead || NeedsTaskRun;

    /// <summary>Completions that can be taken now.</summary>
    public int CompletionCount => (int)(Volatile.Read(ref *_completionTail) - *_completionHead);

    /// <summary>True when the kernel has deferred work until this thread enters it.</summary>
    public bool NeedsTaskRun => (Volatile.Read(ref *_submissionFlags) & FlagTaskRun) != 0;

    /// <summary>Makes a ring. Null when that is not possible here; <paramref name="reason"/> says why.</summary>
    public static UringRing? TryCreate(int submissionCount, int completionCount, out string reason)
    {
        reason = "";
        int fd = -Errno.EINVAL;
        UringParameters parameters = default;
        for (int i = 0; i < SetupFlags.Length && fd == -Errno.EINVAL; i++)
        {
            parameters = new UringParameters
            {
                Flags = SetupFlags[i] | SetupCompletionSize | SetupClamp,
                CompletionEntries = (uint)completionCount,
            };
            // A local, on the stack for the call.
            fd = (int)LibC.Result(LibC.SystemCall(CallSetup, submissionCount, (nint)(&parameters), 0, 0, 0, 0));
        }
        if (fd < 0)
        {
            reason = Explain(-fd);
            return null;
        }
        if ((parameters.Features & (FeatureSingleMap | FeatureNoDrop)) != (FeatureSingleMap | FeatureNoDrop) || !HasOpcodes(fd))
        {
            LibC.Close(fd);
            reason = "this kernel's io_uring lacks operations that are needed; Linux 5.6 or later has them";
            return null;
        }
        try
        {
            return new UringRing(fd, parameters);
        }
        catch (SystemCallException e)
        {
            LibC.Close(fd);
            reason = e.Message;
            return null;
        }
    }

    /// <summary>Makes the eventfd readable for each completion, unless muted. Returns 0 or -errno.</summary>
    public int AnnounceBy(EventDescriptor wake)
    {
        // A local, on the stack for the call.
        int fd = wake.Fd;
        return (int)LibC.Result(LibC.SystemCall(CallRegister, _fd, RegisterEventFd, (nint)(&fd), 1, 0, 0));
    }

    /// <summary>Makes a table of registered buffers with nothing in it. Returns 0 or -errno; kernels from 5.19 have it.</summary>
    public int RegisterEmptyBuffers(int count)
    {
        // struct io_uring_rsrc_register: count, flags, 8 reserved bytes, data, tags; on the stack for the call.
        ulong* table = stackalloc ulong[4] { (uint)count | ((ulong)RegisterSparse << 32), 0, 0, 0 };
        return (int)LibC.Result(LibC.SystemCall(CallRegister, _fd, RegisterBuffers2, (nint)table, 4 * sizeof(ulong), 0, 0));
    }

    /// <summary>Puts memory that does not move, and stays until the ring is closed, into the table of registered buffers. Returns how many
    /// were put there or -errno: -ENOMEM when RLIMIT_MEMLOCK does not allow it.</summary>
    public int RegisterBuffer(int index, Memory<byte> memory)
    {
        // struct io_uring_rsrc_update2: offset and 4 reserved bytes, the address of one vector, tags, count and 4 reserved bytes; both are
        // on the stack for the call, and the memory is of a kind that does not move.
        var vector = new IoVector
        {
            Base = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory.Span)),
            Length = (nuint)memory.Length,
        };
        ulong* update = stackalloc ulong[4] { (uint)index, (ulong)&vector, 0, 1 };
        return (int)LibC.Result(LibC.SystemCall(CallRegister, _fd, RegisterBuffersUpdate, (nint)update, 4 * sizeof(ulong), 0, 0));
    }

    /// <summary>Turns announcements off while the loop looks at the ring anyway.</summary>
    public void Mute()
    {
        if (_canMute)
            Volatile.Write(ref *_completionFlags, *_completionFlags | FlagEventFdDisabled);
    }

    /// <summary>Turns announcements on. What came before must be looked for after this.</summary>
    public void Unmute()
    {
        if (!_canMute)
            return;
        Volatile.Write(ref *_completionFlags, *_completionFlags & ~FlagEventFdDisabled);

        // The kernel adds a completion and then looks at the flag; here the flag is set before the completions are looked at.
        Interlocked.MemoryBarrier();
    }

    /// <summary>Adds an entry. False when the ring is full: submit first.</summary>
    public bool TryAdd(in UringSubmission submission)
    {
        if (UnsubmittedCount >= _submissionCount)
            return false;
        _submissions[_localTail & _submissionMask] = submission;
        _localTail++;
        return true;
    }

    /// <summary>Hands new entries to the kernel and runs what it has deferred.</summary>
    /// <returns>Entries taken, or -errno.</returns>
    public int Enter()
    {
        Volatile.Write(ref *_submissionTail, _localTail);
        return (int)LibC.Result(LibC.SystemCall(CallEnter, _fd, (nint)UnsubmittedCount, 0, (nint)EnterGetEvents, 0, 0));
    }

    /// <summary>Takes back entries that the kernel has not taken.</summary>
    public void Withdraw() => _localTail = Volatile.Read(ref *_submissionHead);

    /// <summary>Takes a completion, in the order of the ring.</summary>
    public bool TryTake(out ulong userData, out int result)
    {
        uint head = *_completionHead;
        if (head == Volatile.Read(ref *_completionTail))
        {
            userData = 0;
            result = 0;
            return false;
        }
        // struct io_uring_cqe: 64 bits of user data, 32 bits of result, 32 bits of flags.
        byte* completion = _completions + ((head & _completionMask) * 16);
        userData = *(ulong*)completion;
        result = *(int*)(completion + 8);
        Volatile.Write(ref *_completionHead, head + 1);
        return true;
    }

    public void Dispose()
    {
        LibC.Unmap(_rings, _ringsBytes);
        LibC.Unmap((nint)_submissions, _submissionsBytes);
        LibC.Close(_fd);
    }

    private static string Explain(int errno) => errno switch
    {
        Errno.ENOSYS => "this kernel has no io_uring",
        Errno.EPERM or Errno.EACCES => "io_uring is forbidden here, by kernel.io_uring_disabled or by the container's seccomp profile",
        Errno.ENOMEM => "there is not enough lockable memory for an io_uring; the limit is RLIMIT_MEMLOCK",
        _ => $"io_uring_setup failed: {Marshal.GetPInvokeErrorMessage(errno)}",
    };

    private static bool HasOpcodes(int fd)
    {
        // struct io_uring_probe: a header of 16 bytes, then 8 bytes an operation with flags at offset 2, bit 0 for "supported".
        byte* probe = stackalloc byte[16 + (ProbedOpcodes * 8)];
        new Span<byte>(probe, 16 + (ProbedOpcodes * 8)).Clear();
        if (LibC.SystemCall(CallRegister, fd, RegisterProbe, (nint)probe, ProbedOpcodes, 0, 0) < 0)
            return false;
        return Has(UringSubmission.OpcodeRead) && Has(UringSubmission.OpcodeWrite)
            && Has(UringSubmission.OpcodeFsync) && Has(UringSubmission.OpcodeFallocate)
            && Has(UringSubmission.OpcodeReceive) && Has(UringSubmission.OpcodeSendMessage);

        bool Has(int opcode) => (probe[16 + (opcode * 8) + 2] & 1) != 0;
    }

    private nint MapRing(long offset, nuint length)
    {
        nint address = LibC.Map(0, length, LibC.ProtRead | LibC.ProtWrite, LibC.MapShared | LibC.MapPopulate, _fd, offset);
        if (address != -1)
            return address;
        int errno = Marshal.GetLastPInvokeError();
        if (_rings != 0)
            LibC.Unmap(_rings, _ringsBytes);
        throw new SystemCallException("Mapping an io_uring", errno);
    }
}
