namespace ManagedNvmet.Announcing;

/// <summary>Announcing does not work at the moment.</summary>
internal sealed class AnnouncingException(string message, Exception? innerException = null) : Exception(message, innerException);
