using ManagedNvmet.Backends;

namespace ManagedNvmet.Server;

/// <summary>Says by which option of the command line a setting of the library is changed.</summary>
internal static class SettingOptions
{
    /// <summary>The end of a message about a setting; empty when no option changes it.</summary>
    /// <param name="setting">The name that the library gave.</param>
    public static string Hint(string? setting) => OptionOf(setting) is { } option ? $" (Option: {option})" : "";

    private static string? OptionOf(string? setting) => setting switch
    {
        nameof(NvmetServerOptions.StateFolder) => "--state-directory FOLDER",
        nameof(NvmetServerOptions.Namespaces) => "--namespace DISK",
        nameof(NvmetServerOptions.SubsystemNqn) => "--nqn NQN",
        nameof(FileDeviceOptions.CreateBytes) => "--create SIZE",
        _ => null,
    };
}
