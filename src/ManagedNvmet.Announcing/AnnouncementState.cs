namespace ManagedNvmet.Announcing;

/// <summary>Whether an address is announced.</summary>
/// <param name="By"><c>avahi</c> or <c>own responder</c>; null while it is not.</param>
/// <param name="Name">The name of the instance; null while it is not.</param>
/// <param name="Reason">Why it is not, in a sentence; null when it is.</param>
public sealed record AnnouncementState(string? By, string? Name, string? Reason)
{
    /// <summary>Others can find it.</summary>
    public bool IsAnnounced => Name is not null;
}
