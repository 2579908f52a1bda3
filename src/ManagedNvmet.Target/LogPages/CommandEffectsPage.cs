using System.Runtime.InteropServices;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;

namespace ManagedNvmet.Target.LogPages;

/// <summary>Commands Supported and Effects (LID 05h): a dword for each admin opcode, then one for each I/O opcode. Derived from
/// the command tables.</summary>
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

        // Of a command set that is not supported no command is, and the page is empty. An error instead would end
        // `nvme effects-log`, which asks for the command sets it knows one after the other.
        if (commandSet != CommandSets.Nvm)
            return;
        Span<U32> entries = MemoryMarshal.Cast<byte, U32>(bytes);
        foreach (Command command in commands.Admin)
            entries[command.Opcode] = (uint)command.Effects;
        foreach (Command command in commands.Io)
            entries[OpcodeCount + command.Opcode] = (uint)command.Effects;
    }
}
