namespace ManagedNvmet.Announcing;

/// <summary>Whether services are announced by multicast DNS, and by whom.</summary>
public enum MdnsMode
{
    /// <summary>Nothing is announced.</summary>
    Off,

    /// <summary>Through the avahi daemon while it runs, by a responder of our own while it does not.</summary>
    Auto,

    /// <summary>Through the avahi daemon; it is waited for.</summary>
    Avahi,

    /// <summary>By a responder of our own.</summary>
    Own,
}
