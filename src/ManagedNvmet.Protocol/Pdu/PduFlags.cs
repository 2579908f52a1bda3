namespace ManagedNvmet.Protocol.Pdu;

/// <summary>FLAGS of the PDU common header.</summary>
[Flags]
public enum PduFlags : byte
{
    /// <summary>None set.</summary>
    None = 0,

    /// <summary>HDGSTF: a header digest follows the header.</summary>
    HeaderDigest = 1,

    /// <summary>DDGSTF: a data digest follows the data.</summary>
    DataDigest = 2,

    /// <summary>LAST_PDU: the last data PDU of this transfer.</summary>
    LastPdu = 4,

    /// <summary>SUCCESS: the command is complete, no response capsule follows.</summary>
    Success = 8,
}
