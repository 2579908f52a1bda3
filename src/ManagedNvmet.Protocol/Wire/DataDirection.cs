namespace ManagedNvmet.Protocol.Wire;

/// <summary>Which way the data of a command goes: bits 1:0 of the opcode.</summary>
public enum DataDirection
{
    /// <summary>No data.</summary>
    None = 0,

    /// <summary>From the host to the controller.</summary>
    HostToController = 1,

    /// <summary>From the controller to the host.</summary>
    ControllerToHost = 2,

    /// <summary>Both ways; no command of this target does.</summary>
    Bidirectional = 3,
}
