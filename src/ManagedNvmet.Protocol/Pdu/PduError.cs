namespace ManagedNvmet.Protocol.Pdu;

/// <summary>A protocol error of the peer; the answer is a Terminate Connection Request.</summary>
/// <param name="Status">FES.</param>
/// <param name="Information">FEI: a field offset, the received header digest, or 0.</param>
public readonly record struct PduError(FatalErrorStatus Status, uint Information)
{
    /// <summary>No error.</summary>
    public static PduError None => default;

    /// <summary>True when there is no error.</summary>
    public bool IsNone => Status == FatalErrorStatus.None;

    /// <summary>An invalid field at this offset from the start of the PDU.</summary>
    public static PduError InvalidField(uint offset) => new(FatalErrorStatus.InvalidHeaderField, offset);

    /// <summary>A parameter that is not supported, at this offset.</summary>
    public static PduError Unsupported(uint offset) => new(FatalErrorStatus.UnsupportedParameter, offset);

    /// <summary>A PDU that is not allowed in this state.</summary>
    public static PduError Sequence => new(FatalErrorStatus.PduSequenceError, 0);
}
