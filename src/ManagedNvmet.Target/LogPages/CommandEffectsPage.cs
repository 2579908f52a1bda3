using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Commands Supported and Effects (LID 05h): a dword for each admin opcode, then one for each I/O opcode. It is made from the
/// command tables.</summary>
public sealed class CommandEffectsPage : LogPage
{
    internal const byte Id = 0x05;
    internal const int PageBytes = 4096;
    private const int OpcodeCount = 256;

    /// <inheritdoc/>
    public override byte LogPageId => Id;

    /// <inheritdoc/>
    public override string Name => "Commands Supported and Effects";

    /// <inheritdoc/>
    public override bool IsForDiscovery => true;

    /// <inheritdoc/>
    public override NvmeStatus Read(CommandContext context, ulong offset, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[PageBytes];
        Fill(bytes, LogPageRequest.Parse(context.Entry).CommandSet, context.Controller!.Commands);
        return Copy(bytes, offset, destination);
    }

    internal static void Fill(Span<byte> bytes, byte commandSet, ControllerCommands commands)
    {
        bytes.Clear();

        // The page of an unsupported command set is empty. An error would end `nvme effects-log`, which requests the page of each command
        // set that it knows.
        if (commandSet != CommandSets.Nvm)
            return;
        Span<U32> entries = MemoryMarshal.Cast<byte, U32>(bytes);
        foreach (Command command in commands.Admin)
            entries[command.Opcode] = (uint)command.Effects;
        foreach (Command command in commands.Io)
            entries[OpcodeCount + command.Opcode] = (uint)command.Effects;
    }
}
