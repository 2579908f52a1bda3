using ManagedNvmet.Target.Rows;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Lists the log pages of the target.</summary>
public static class LogPageTable
{
    /// <summary>The log pages by LID.</summary>
    public static RowTable<LogPage> All { get; } = new(
        static page => page.LogPageId,
        new SupportedLogPagesPage(),
        new ErrorInformationPage(),
        new HealthPage(),
        new FirmwareSlotPage(),
        new ChangedNamespacesPage(),
        new CommandEffectsPage(),
        new AnaLogPage(),
        new FeatureEffectsPage(),
        new ManagementEffectsPage(),
        new DiscoveryLogPage(),
        new HostDiscoveryLogPage());
}
