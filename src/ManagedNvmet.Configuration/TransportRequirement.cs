namespace ManagedNvmet.Configuration;

/// <summary>Whether a secure channel has to be used on a port (TREQ of its discovery log entry, bits 1:0).</summary>
public enum TransportRequirement
{
    /// <summary>Not specified.</summary>
    NotSpecified,

    /// <summary>Required.</summary>
    Required,

    /// <summary>Not required.</summary>
    NotRequired,
}
