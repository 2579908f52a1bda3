using ManagedNvmet.Target.Rows;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Every log page that the target has: the one list. A new log page is one file and one line here.</summary>
public static class LogPageTable
{
    /// <summary>Log pages by LID.</summary>
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
