namespace ManagedNvmet.Protocol.Wire;

/// <summary>Direction of the data of a command: bits 1:0 of the opcode.</summary>
public enum DataDirection
{
    /// <summary>No data.</summary>
    None = 0,

    /// <summary>From the host to the controller.</summary>
    HostToController = 1,

    /// <summary>From the controller to the host.</summary>
    ControllerToHost = 2,

    /// <summary>Both directions; no command of this target uses it.</summary>
    Bidirectional = 3,
}
