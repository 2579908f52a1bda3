namespace ManagedNvmet.Announcing.Avahi;

/// <summary>Another program of this machine publishes the name through the same daemon.</summary>
internal sealed class NameTakenException() : Exception("The name is taken.");
