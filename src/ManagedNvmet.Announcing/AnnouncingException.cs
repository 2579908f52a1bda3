namespace ManagedNvmet.Announcing;

/// <summary>Announcements are impossible at the moment. The announcer retries later.</summary>
internal sealed class AnnouncingException(string message, Exception? innerException = null) : Exception(message, innerException);
