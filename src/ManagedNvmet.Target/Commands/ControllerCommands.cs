namespace ManagedNvmet.Target.Commands;

/// <summary>The commands that one kind of controller has, by command set.</summary>
/// <param name="Admin">Admin commands.</param>
/// <param name="Io">Commands of the NVM command set; none for a discovery controller.</param>
/// <param name="Fabrics">Fabrics commands.</param>
internal sealed record ControllerCommands(CommandTable Admin, CommandTable Io, CommandTable Fabrics);
