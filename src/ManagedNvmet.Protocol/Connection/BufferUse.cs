namespace ManagedNvmet.Protocol.Connection;

/// <summary>What a data buffer is for. Each use has buffers that the others cannot take from it.</summary>
public enum BufferUse
{
    /// <summary>An I/O command that reads, or whose data the host is asked for.</summary>
    Transfer,

    /// <summary>An I/O command whose data is in its capsule. Everything behind that data in the stream waits with it: perhaps the data
    /// that others hold their buffers for. So there is a reserve, which those who wait for the host cannot exhaust.</summary>
    Capsule,

    /// <summary>An admin or Fabrics command: these never wait for I/O.</summary>
    Admin,
}
