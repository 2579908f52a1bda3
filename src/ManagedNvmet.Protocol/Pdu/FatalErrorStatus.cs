namespace ManagedNvmet.Protocol.Pdu;

/// <summary>FES of a Terminate Connection Request.</summary>
public enum FatalErrorStatus : ushort
{
    /// <summary>No error; never sent.</summary>
    None = 0,

    /// <summary>A field of the header is invalid; FEI is its offset from the start of the PDU.</summary>
    InvalidHeaderField = 1,

    /// <summary>A PDU that is not allowed in this state.</summary>
    PduSequenceError = 2,

    /// <summary>The header digest is wrong; FEI is the digest as received.</summary>
    HeaderDigestError = 3,

    /// <summary>Data outside the range that was asked for.</summary>
    DataTransferOutOfRange = 4,

    /// <summary>From the controller: more data in a PDU than MAXH2CDATA. From the host: more R2Ts than MAXR2T.</summary>
    LimitExceeded = 5,

    /// <summary>A parameter is not supported; FEI is the offset of its field.</summary>
    UnsupportedParameter = 6,
}
