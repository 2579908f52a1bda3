namespace ManagedNvmet.Announcing;

/// <summary>The publisher of multicast DNS announcements.</summary>
public enum MdnsMode
{
    /// <summary>Announcements are disabled.</summary>
    Off,

    /// <summary>The avahi daemon while it is running, otherwise the server's own responder.</summary>
    Auto,

    /// <summary>The avahi daemon. While it is not running, nothing is announced.</summary>
    Avahi,

    /// <summary>The server's own responder, even while the avahi daemon is running.</summary>
    Own,
}
