using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Events;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Changed Attached Namespace List (LID 04h). Reading it with RAE = 0 clears it.</summary>
public sealed class ChangedNamespacesPage : LogPage
{
    /// <inheritdoc/>
    public override byte LogPageId => 0x04;

    /// <inheritdoc/>
    public override string Name => "Changed Attached Namespace List";

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination)
    {
        ControllerEnvironment controller = context.Controller!;
        bool isRetained = LogPageRequest.Parse(context.Entry).IsRetained;
        NvmeStatus status = Read(controller.ChangedNamespaces, isRetained, offset, destination, out bool needsNotice);
        if (needsNotice)
            controller.Raise(AsyncEvent.NamespaceAttributeChanged);
        return status;
    }

    internal static NvmeStatus Read(
        ChangedNamespaceList list, bool isRetained, ulong offset, Span<byte> destination, out bool needsNotice)
    {
        // An offset beyond the end is an error, and an error must not lose the list.
        bool isReadable = offset <= ChangedNamespaceList.PageBytes;
        Span<byte> bytes = stackalloc byte[ChangedNamespaceList.PageBytes];
        needsNotice = list.Read(bytes, clear: isReadable && !isRetained);
        return Copy(bytes, offset, destination);
    }
}
