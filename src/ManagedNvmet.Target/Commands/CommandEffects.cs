namespace ManagedNvmet.Target.Commands;

/// <summary>What a command may change: an entry of the Commands Supported and Effects log page (LID 05h).</summary>
[Flags]
public enum CommandEffects : uint
{
    /// <summary>Not supported.</summary>
    None = 0,

    /// <summary>CSUPP: the command is supported.</summary>
    Supported = 1,

    /// <summary>LBCC: the contents of logical blocks may change.</summary>
    LogicalBlockChange = 1 << 1,

    /// <summary>NCC: the capabilities of a namespace may change.</summary>
    NamespaceCapabilityChange = 1 << 2,

    /// <summary>NIC: the inventory of namespaces may change.</summary>
    NamespaceInventoryChange = 1 << 3,

    /// <summary>CCC: the capabilities of the controller may change.</summary>
    ControllerCapabilityChange = 1 << 4,
}
