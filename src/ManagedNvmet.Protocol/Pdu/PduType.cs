namespace ManagedNvmet.Protocol.Pdu;

/// <summary>PDU-Type (NVMe/TCP Transport Specification, "PDU Common Header"). Bit 0 is set from the controller to the host.</summary>
public enum PduType : byte
{
    /// <summary>Initialize Connection Request, host to controller.</summary>
    ICReq = 0x00,

    /// <summary>Initialize Connection Response, controller to host.</summary>
    ICResp = 0x01,

    /// <summary>Host to Controller Terminate Connection Request.</summary>
    H2CTermReq = 0x02,

    /// <summary>Controller to Host Terminate Connection Request.</summary>
    C2HTermReq = 0x03,

    /// <summary>Command Capsule, host to controller.</summary>
    CapsuleCmd = 0x04,

    /// <summary>Response Capsule, controller to host.</summary>
    CapsuleResp = 0x05,

    /// <summary>Host to Controller Data Transfer.</summary>
    H2CData = 0x06,

    /// <summary>Controller to Host Data Transfer.</summary>
    C2HData = 0x07,

    /// <summary>Ready to Transfer, controller to host.</summary>
    R2T = 0x09,
}
