namespace ManagedNvmet.Target.Features;

/// <summary>Asynchronous events that a host can ask for: bits of the Asynchronous Event Configuration feature, and from bit 8 on of
/// OAES.</summary>
[Flags]
public enum AsyncEventNotices : uint
{
    /// <summary>No events.</summary>
    None = 0,

    /// <summary>SMART / Health critical warnings, bits 4:0. OAES has no bits for them.</summary>
    HealthWarnings = 0x1F,

    /// <summary>Attached Namespace Attribute Notices.</summary>
    NamespaceAttribute = 1 << 8,

    /// <summary>Asymmetric Namespace Access Change Notices.</summary>
    AnaChange = 1 << 11,

    /// <summary>Discovery Log Page Change Notices.</summary>
    DiscoveryLogChange = 1u << 31,
}
