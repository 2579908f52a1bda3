using ManagedNvmet.Target.Rows;

namespace ManagedNvmet.Target.Identify;

/// <summary>Every structure that Identify returns: the one list. A new one is one file and one line here.</summary>
public static class IdentifyPageTable
{
    /// <summary>Structures by CNS.</summary>
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
