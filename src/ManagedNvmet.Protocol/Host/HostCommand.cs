using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Host;

/// <summary>A command at the host's end, from its capsule to its completion. It may be reused when it is complete.</summary>
public abstract class HostCommand
{
    /// <summary>The submission queue entry. Command identifier and SGL are filled in by the connection; the direction of the data follows
    /// from the opcode.</summary>
    public SubmissionEntry Entry;

    internal int Slot = -1;
    internal int ReceivedBytes;
    internal bool HasDataDigestError;
    internal bool IsCapsuleQueued;
    internal int GrantOffset;
    internal int GrantLeft;
    internal ushort TransferTag;

    /// <summary>The data to send, or the memory for the data to receive: exactly as many bytes as the command transfers. Pinned memory when
    /// the transport sends by address. Belongs to the connection until the command is complete.</summary>
    public Memory<byte> Data { get; set; }

    /// <summary>The completion queue entry, when the command is complete.</summary>
    public CompletionEntry Completion { get; internal set; }

    /// <summary>The status. Transient Transport Error when received data had a wrong digest, Internal Path Error 3/00 when the connection
    /// ended first.</summary>
    public NvmeStatus Status { get; internal set; }

    /// <summary>Bytes of data received from the controller.</summary>
    public int TransferredBytes => ReceivedBytes;

    /// <summary>The command is complete. Called on the connection's thread.</summary>
    protected internal abstract void OnCompleted();
}
