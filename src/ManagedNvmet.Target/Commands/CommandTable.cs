using System.Collections;

namespace ManagedNvmet.Target.Commands;

/// <summary>The commands of one command set by opcode.</summary>
public sealed class CommandTable : IEnumerable<Command>
{
    private readonly Command?[] _byOpcode = new Command?[256];

    /// <exception cref="ArgumentException">Two commands have one opcode.</exception>
    internal CommandTable(params ReadOnlySpan<Command> commands)
    {
        foreach (Command command in commands)
        {
            if (_byOpcode[command.Opcode] is { } other)
                throw new ArgumentException(
                    $"{command.Name} and {other.Name} have the same opcode {command.Opcode:X2}h.", nameof(commands));
            _byOpcode[command.Opcode] = command;
        }
    }

    /// <summary>The command of this opcode, or null when it is not supported.</summary>
    public Command? this[byte opcode] => _byOpcode[opcode];

    /// <inheritdoc/>
    public IEnumerator<Command> GetEnumerator() => _byOpcode.OfType<Command>().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
