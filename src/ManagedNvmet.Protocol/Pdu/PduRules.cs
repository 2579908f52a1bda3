namespace ManagedNvmet.Protocol.Pdu;

/// <summary>Checks common headers, lowest field first. Pure functions; they run before any number of the peer is used.</summary>
public static class PduRules
{
    private const uint TypeOffset = 0;
    private const uint FlagsOffset = 1;
    private const uint HeaderLengthOffset = 2;
    private const uint DataOffsetOffset = 3;
    private const uint LengthOffset = 4;

    /// <summary>Most bytes of a Terminate Connection Request.</summary>
    public const int MaxTerminateLength = TerminateConnection.Size + TerminateConnection.MaxData;

    /// <summary>Checks the fields of a common header in the order of their offsets.</summary>
    /// <param name="header">The common header.</param>
    /// <param name="fromHost">True at the controller's end: only PDUs of a host are allowed.</param>
    /// <param name="isExpected">False when a PDU of this type is not allowed in this state.</param>
    /// <param name="parameters">The negotiated parameters.</param>
    /// <param name="maxDataBytes">Most bytes of data that a PDU of this type may carry.</param>
    public static PduError Check(
        in CommonHeader header, bool fromHost, bool isExpected, in ConnectionParameters parameters, int maxDataBytes)
    {
        PduShape shape = PduShape.Of(header.Type);
        bool isFromHost = ((int)header.Type & 1) == 0;
        if (isFromHost != fromHost || !shape.Exists)
            return PduError.InvalidField(TypeOffset);
        if (!isExpected)
            return PduError.Sequence;

        uint headerEnd = shape.HeaderLength + (uint)(shape.HasDigests ? parameters.HeaderDigestBytes : 0);
        bool hasData = shape.Data is PduData.Always or PduData.Perhaps && header.Length > headerEnd;
        if (shape.HasDigests && !DigestFlagsMatch(header.Flags, hasData, parameters))
            return PduError.InvalidField(FlagsOffset);
        if (header.HeaderLength != shape.HeaderLength)
            return PduError.InvalidField(HeaderLengthOffset);
        return shape.Data switch
        {
            PduData.Never => header.Length == headerEnd ? PduError.None : PduError.InvalidField(LengthOffset),
            PduData.Terminate => header.Length >= headerEnd && header.Length <= MaxTerminateLength
                ? PduError.None : PduError.InvalidField(LengthOffset),
            PduData.Perhaps when !hasData => header.Length == headerEnd ? PduError.None : PduError.InvalidField(LengthOffset),
            PduData.Always when !hasData => PduError.InvalidField(LengthOffset),
            _ => CheckData(header, headerEnd, (uint)parameters.DataDigestBytes, (uint)maxDataBytes),
        };
    }

    private static PduError CheckData(in CommonHeader header, uint headerEnd, uint digestBytes, uint maxDataBytes)
    {
        // This end asks for an alignment of 4 bytes; a peer may still pad more.
        if (header.DataOffset < headerEnd || header.DataOffset % 4 != 0 || header.DataOffset > 128 || header.DataOffset > header.Length)
            return PduError.InvalidField(DataOffsetOffset);
        if (header.Length <= header.DataOffset + digestBytes)
            return PduError.InvalidField(LengthOffset);
        return header.Length - header.DataOffset - digestBytes > maxDataBytes ? PduError.InvalidField(LengthOffset) : PduError.None;
    }

    private static bool DigestFlagsMatch(PduFlags flags, bool hasData, in ConnectionParameters parameters)
    {
        if (((flags & PduFlags.HeaderDigest) != 0) != parameters.HeaderDigest)
            return false;
        bool dataDigest = (flags & PduFlags.DataDigest) != 0;
        return hasData ? dataDigest == parameters.DataDigest : !dataDigest || parameters.DataDigest;
    }
}
