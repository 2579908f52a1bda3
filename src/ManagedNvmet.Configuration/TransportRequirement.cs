namespace ManagedNvmet.Configuration;

/// <summary>Requirement of a secure channel on a port (TREQ of its discovery log entry, bits 1:0).</summary>
public enum TransportRequirement
{
    /// <summary>Not specified.</summary>
    NotSpecified,

    /// <summary>Required.</summary>
    Required,

    /// <summary>Not required.</summary>
    NotRequired,
}
