using ManagedNvmet.Target.Commands.Admin;
using ManagedNvmet.Target.Commands.Fabrics;
using ManagedNvmet.Target.Commands.Nvm;

namespace ManagedNvmet.Target.Commands.Tables;

/// <summary>Every command that the target has: the one list. A new command is one file and one line here.</summary>
public static class CommandTables
{
    /// <summary>Fabrics commands by FCTYPE.</summary>
    public static CommandTable Fabrics { get; } = new(
        new ConnectCommand(),
        new PropertyGetCommand(),
        new PropertySetCommand(),
        new DisconnectCommand());

    /// <summary>Admin commands by opcode.</summary>
    public static CommandTable Admin { get; } = new(
        new GetLogPageCommand(),
        new IdentifyCommand(),
        new AbortCommand(),
        new SetFeaturesCommand(),
        new GetFeaturesCommand(),
        new AsyncEventRequestCommand(),
        new KeepAliveCommand(),
        new DiscoveryInformationCommand());

    /// <summary>Admin commands of an I/O controller by opcode.</summary>
    private static CommandTable IoAdmin { get; } = new([.. Admin.Where(static command => command.IsForIo)]);

    /// <summary>Admin commands of a discovery controller by opcode.</summary>
    private static CommandTable DiscoveryAdmin { get; } = new([.. Admin.Where(static command => command.IsForDiscovery)]);

    /// <summary>Commands of the NVM command set by opcode.</summary>
    public static CommandTable Nvm { get; } = new(
        new FlushCommand(),
        new WriteCommand(),
        new ReadCommand(),
        new WriteZeroesCommand(),
        new DatasetManagementCommand());

    private static ControllerCommands OfIo { get; } = new(IoAdmin, Nvm, Fabrics);

    private static ControllerCommands OfDiscovery { get; } = new(DiscoveryAdmin, new CommandTable(), Fabrics);

    /// <summary>The commands that a controller has.</summary>
    internal static ControllerCommands Of(bool isDiscovery) => isDiscovery ? OfDiscovery : OfIo;
}
