using System.Buffers.Binary;
using ManagedNvmet.Target.Ana;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Asymmetric Namespace Access (LID 0Ch): the state of every ANA group, and the namespaces in it that the host sees.</summary>
public sealed class AnaLogPage : LogPage
{
    private const int HeaderBytes = 16;
    private const int DescriptorBytes = 32;
    private const int StateOffset = 16;
    private const byte GroupsOnly = 1;

    /// <inheritdoc/>
    public override byte LogPageId => 0x0C;

    /// <inheritdoc/>
    public override string Name => "Asymmetric Namespace Access";

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination) => Read(
        context.Controller!.View,
        context.Controller.Limits,
        (LogPageRequest.Parse(context.Entry).SpecificParameter & GroupsOnly) != 0,
        offset,
        destination);

    internal static NvmeStatus Read(NamespaceView view, TargetLimits limits, bool isGroupsOnly, ulong offset, Span<byte> destination)
    {
        // Made anew for each read, which is rare: the page has as many parts as there are groups.
        byte[] page = Make(view, isGroupsOnly);

        // nvme-cli up to 2.8 reads the largest possible page in pieces of 4 KiB, whatever the header says.
        return Copy(page, offset, destination, LargestBytes(limits));
    }

    // From NANAGRPID and MNAN.
    internal static ulong LargestBytes(TargetLimits limits) =>
        HeaderBytes + (ulong)limits.MaxAnaGroups * DescriptorBytes + (ulong)limits.MaxNamespaces * sizeof(uint);

    private static byte[] Make(NamespaceView view, bool isGroupsOnly)
    {
        int namespaces = isGroupsOnly ? 0 : view.All.Length;
        var page = new byte[HeaderBytes + view.Groups.Length * DescriptorBytes + namespaces * sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(page, view.ChangeCount);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(8), (ushort)view.Groups.Length);
        int at = HeaderBytes;
        foreach (AnaGroup group in view.Groups)
        {
            Span<byte> descriptor = page.AsSpan(at, DescriptorBytes);
            at += DescriptorBytes;
            uint count = 0;
            foreach (Namespace each in isGroupsOnly ? default : view.Namespaces)
            {
                if (each.AnaGroup != group.Id)
                    continue;
                BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(at), each.Id);
                at += sizeof(uint);
                count++;
            }
            BinaryPrimitives.WriteUInt32LittleEndian(descriptor, group.Id);
            BinaryPrimitives.WriteUInt32LittleEndian(descriptor[4..], count);
            BinaryPrimitives.WriteUInt64LittleEndian(descriptor[8..], view.ChangeCount);
            descriptor[StateOffset] = (byte)group.State;
        }
        return page;
    }
}
