namespace ManagedNvmet.Target.Commands;

/// <summary>Command Set Identifiers (CSI).</summary>
internal static class CommandSets
{
    /// <summary>The NVM Command Set.</summary>
    public const byte Nvm = 0;
}
