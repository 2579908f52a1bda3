using ManagedNvmet.Target.Rows;

namespace ManagedNvmet.Target.Identify;

/// <summary>Lists the structures that Identify returns.</summary>
public static class IdentifyPageTable
{
    /// <summary>The structures by CNS.</summary>
    public static RowTable<IdentifyPage> All { get; } = new(
        static page => page.Cns,
        new NamespacePage(),
        new ControllerPage(),
        new ActiveNamespacesPage(),
        new NamespaceDescriptorsPage(),
        new NvmNamespacePage(),
        new NvmControllerPage(),
        new CommandSetNamespacesPage(),
        new IndependentNamespacePage());
}
