namespace ManagedNvmet.Announcing;

/// <summary>Announcement state of an address.</summary>
/// <param name="By">Publisher, <c>avahi</c> or <c>own responder</c>; null while the address is not announced.</param>
/// <param name="Name">Announced service instance name; null while the address is not announced.</param>
/// <param name="Reason">Why the address is not announced, as a sentence; null while it is.</param>
public sealed record AnnouncementState(string? By, string? Name, string? Reason)
{
    /// <summary>True while the address is announced.</summary>
    public bool IsAnnounced => Name is not null;
}
