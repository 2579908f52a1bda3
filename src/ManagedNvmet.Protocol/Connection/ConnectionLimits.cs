namespace ManagedNvmet.Protocol.Connection;

/// <summary>Limits of a connection.</summary>
public sealed record ConnectionLimits
{
    /// <summary>Bytes of in-capsule data that a controller must take on the admin queue and with every Fabrics command
    /// (NVMe/TCP Transport Specification, "Command Capsule").</summary>
    public const int AdminInCapsuleBytes = 8192;

    /// <summary>Most bytes of in-capsule data of an I/O command: IOCCSZ × 16 − 64. A multiple of 16, 0 to 65536. 16 KiB saves a round trip
    /// for the usual small write.</summary>
    public int IoInCapsuleBytes { get; init; } = 16 * 1024;

    /// <summary>Most bytes that one command transfers: MDTS. A power of two, at least 4096. Also the largest buffer ever rented.</summary>
    public int MaxTransferBytes { get; init; } = 1024 * 1024;

    /// <summary>Most bytes of buffers that the I/O commands of one connection hold at a time; further commands wait, and a single command
    /// always gets its buffer. A host that does not read its answers holds no more than this.</summary>
    public int MaxBufferBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>MAXH2CDATA in bytes: the most data in one H2CData PDU, and the largest range that one R2T asks for, since older Linux
    /// hosts answer every R2T with one PDU. A multiple of 4, at least 4096.</summary>
    public int MaxH2CDataBytes { get; init; } = 1024 * 1024;

    /// <summary>Most data in one C2HData PDU, in bytes. A multiple of 4, at least 4096.</summary>
    public int MaxC2HDataBytes { get; init; } = 1024 * 1024;

    /// <summary>Milliseconds from the accepted TCP connection to a whole ICReq, and from there to a successful Connect.</summary>
    public int HandshakeMilliseconds { get; init; } = 10_000;

    /// <summary>Milliseconds that the peer has to close the connection after a Terminate Connection Request.</summary>
    public int TerminationMilliseconds { get; init; } = 30_000;
}
