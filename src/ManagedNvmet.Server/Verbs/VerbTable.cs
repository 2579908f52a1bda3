using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>All verbs, in the order of the help. A new verb is a class and a row here.</summary>
internal static class VerbTable
{
    public static IReadOnlyList<Command> All() =>
    [
        new StatusVerb().Command,
        new HostsVerb().Command,
        new SessionsVerb().Command,
        new KillVerb().Command,
        new RefusedVerb().Command,
        new EventsVerb().Command,
        new TopVerb().Command,
        new PlanVerb().Command,
        new ApplyVerb().Command,
        new RollbackVerb().Command,
        new HistoryVerb().Command,
        new ExportVerb().Command,
        new ImportVerb().Command,
        VerbGroup.Of("namespace", "Adds, removes or changes a namespace",
            new NamespaceAddVerb(), new NamespaceRemoveVerb(), new NamespaceSetVerb()),
        VerbGroup.Of("subsystem", "Adds, removes or changes a subsystem",
            new SubsystemAddVerb(), new SubsystemRemoveVerb(), new SubsystemSetVerb()),
        VerbGroup.Of("host", "Allows, adds, removes or changes a host",
            new HostAllowVerb(), new HostAddVerb(), new HostRemoveVerb(), new HostSetVerb()),
        VerbGroup.Of("port", "Adds, removes or changes a port", new PortAddVerb(), new PortRemoveVerb(), new PortSetVerb()),
        new SettingsVerb().Command,
        new DoctorVerb().Command,
        new TraceVerb().Command,
        new CompletionVerb().Command,
    ];
}
