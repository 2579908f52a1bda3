namespace ManagedNvmet.Protocol.Wire;

/// <summary>Fabrics Command Types (FCTYPE) of commands with the opcode <see cref="SubmissionEntry.FabricsOpcode"/>.</summary>
public static class FabricsCommandType
{
    /// <summary>Property Set.</summary>
    public const byte PropertySet = 0x00;

    /// <summary>Connect.</summary>
    public const byte Connect = 0x01;

    /// <summary>Property Get.</summary>
    public const byte PropertyGet = 0x04;

    /// <summary>Disconnect.</summary>
    public const byte Disconnect = 0x08;
}
