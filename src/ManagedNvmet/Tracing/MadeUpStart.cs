using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Tracing;

/// <summary>The PDUs that a connection must have begun with, made from what is known of it now: a dissector that did not see them would
/// take every queue for an I/O queue, and know neither digests nor names.</summary>
internal static class MadeUpStart
{
    /// <summary>Bytes of a Connect capsule without digests.</summary>
    public const int ConnectBytes = CommandCapsule.Size + ConnectCommandData.Size;

    // No host gives a command this identifier, so that no answer to one is taken for the answer to the Connect.
    private const ushort CommandId = ushort.MaxValue;

    private const int HeaderDigestBit = 1;
    private const int DataDigestBit = 2;

    /// <summary>ICReq or ICResp.</summary>
    public static byte[] Initialize(PduType type, in ConnectionParameters parameters, uint limit)
    {
        var bytes = new byte[InitializeConnection.Size];
        ref InitializeConnection pdu = ref WireStruct.Begin<InitializeConnection>(bytes);
        pdu.Common.Type = type;
        pdu.Common.HeaderLength = InitializeConnection.Size;
        pdu.Common.Length = InitializeConnection.Size;
        pdu.DataAlignment = (byte)(type == PduType.ICReq ? (parameters.SendAlignment / 4) - 1 : 0);
        pdu.Digests = (byte)((parameters.HeaderDigest ? HeaderDigestBit : 0) | (parameters.DataDigest ? DataDigestBit : 0));
        pdu.Limit = limit;
        return bytes;
    }

    /// <summary>The Connect capsule, without digests.</summary>
    public static byte[] Connect(QueueIdentity identity, bool isFlowControlled)
    {
        var bytes = new byte[ConnectBytes];
        ref CommandCapsule capsule = ref WireStruct.Begin<CommandCapsule>(bytes);
        capsule.Common.Type = PduType.CapsuleCmd;
        capsule.Common.HeaderLength = CommandCapsule.Size;
        capsule.Common.DataOffset = CommandCapsule.Size;
        capsule.Common.Length = ConnectBytes;
        capsule.Entry.Opcode = SubmissionEntry.FabricsOpcode;
        capsule.Entry.Flags = SubmissionEntry.PsdtSgl;
        capsule.Entry.CommandId = CommandId;
        capsule.Entry.FabricsType = FabricsCommandType.Connect;
        capsule.Entry.SglLength = ConnectCommandData.Size;
        capsule.Entry.SglType = SubmissionEntry.SglInCapsule;
        capsule.Entry.Cdw10 = (uint)identity.QueueId << 16;
        capsule.Entry.Cdw11 = (uint)(identity.Entries - 1) | (isFlowControlled ? 0 : ConnectCommandData.DisableFlowControl);
        capsule.Entry.Cdw12 = identity.KeepAliveMilliseconds;
        ushort controllerId = identity.QueueId == 0 ? ConnectCommandData.DynamicControllerId : identity.ControllerId;
        ConnectCommandData.Write(
            bytes.AsSpan(CommandCapsule.Size), identity.HostId, controllerId, identity.SubsystemNqn, identity.HostNqn);
        return bytes;
    }

    /// <summary>The response to the Connect, without digest.</summary>
    public static byte[] Connected(QueueIdentity identity, bool isFlowControlled)
    {
        var bytes = new byte[ResponseCapsule.Size];
        ref ResponseCapsule response = ref WireStruct.Begin<ResponseCapsule>(bytes);
        response.Common.Type = PduType.CapsuleResp;
        response.Common.HeaderLength = ResponseCapsule.Size;
        response.Common.Length = ResponseCapsule.Size;
        response.Entry.CommandId = CommandId;
        response.Entry.Result = identity.ControllerId;
        response.Entry.SubmissionQueueHead = isFlowControlled ? (ushort)1 : ushort.MaxValue;
        return bytes;
    }
}
