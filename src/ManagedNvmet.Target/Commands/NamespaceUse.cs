namespace ManagedNvmet.Target.Commands;

/// <summary>What the NSID field of a command means.</summary>
public enum NamespaceUse
{
    /// <summary>The command does not use it, or checks it itself.</summary>
    None,

    /// <summary>It names an active namespace.</summary>
    One,

    /// <summary>It names an active namespace, or is FFFFFFFFh for all of them; then <see cref="CommandContext.Namespace"/> is
    /// null.</summary>
    OneOrAll,
}
