using System.Globalization;
using ManagedNvmet.Backends;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Commands.Tables;

namespace ManagedNvmet.Tracing;

/// <summary>A set of commands, by opcode and kind of queue. The names of the commands come from the target's command tables.</summary>
internal sealed class OpcodeSet
{
    /// <summary>The set of all commands.</summary>
    public static readonly OpcodeSet All = new() { _isAll = true };

    private const byte ConnectType = 0x01;

    private readonly bool[] _admin = new bool[256];
    private readonly bool[] _io = new bool[256];
    private readonly bool[] _fabrics = new bool[256];
    private bool _isAll;

    private OpcodeSet()
    {
    }

    /// <summary>Parses names, such as 'read' or 'get-log-page', and numbers, such as 2, 0x0c or 0Ch. A number means the opcode on both
    /// kinds of queues; 7Fh means all Fabrics commands.</summary>
    /// <exception cref="FormatException">A command does not exist, or there are too many.</exception>
    public static OpcodeSet Parse(IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
            return All;
        if (texts.Count > TraceLimits.MaxOpcodes)
            throw new FormatException($"{texts.Count} commands were given, expected at most {TraceLimits.MaxOpcodes}.");
        var set = new OpcodeSet();
        foreach (string text in texts)
            set.Add(text);
        return set;
    }

    /// <summary>Returns true for a command of the set and for Connect, without which a reader does not know the queue.</summary>
    public bool Contains(in SubmissionEntry entry, bool isAdmin) =>
        _isAll
        || (entry.IsFabrics ? entry.FabricsType == ConnectType || _fabrics[entry.FabricsType] : (isAdmin ? _admin : _io)[entry.Opcode]);

    private void Add(string text)
    {
        if (TryReadNumber(text, out byte number))
        {
            _admin[number] = _io[number] = true;
            if (number == SubmissionEntry.FabricsOpcode)
                Array.Fill(_fabrics, true);
            return;
        }
        bool isFound = Mark(_admin, CommandTables.Admin, text);
        isFound |= Mark(_io, CommandTables.Nvm, text);
        isFound |= Mark(_fabrics, CommandTables.Fabrics, text);
        if (isFound)
            return;
        string[] known =
        [
            .. CommandTables.Admin.Concat(CommandTables.Nvm).Concat(CommandTables.Fabrics)
                .Select(command => command.Name.ToLowerInvariant().Replace(' ', '-')),
        ];
        string suggestion = Suggestion.Nearest(text, known) is { } nearest ? $" Did you mean {nearest}?" : "";
        throw new FormatException(
            $"There is no command '{text}'; expected a number from 0 to 0xff, or one of {string.Join(", ", known)}.{suggestion}");
    }

    private static bool Mark(bool[] marks, CommandTable table, string text)
    {
        string wanted = Letters(text);
        Command? found = table.FirstOrDefault(command => Letters(command.Name).Equals(wanted, StringComparison.OrdinalIgnoreCase));
        if (found is not null)
            marks[found.Opcode] = true;
        return found is not null;
    }

    private static string Letters(string text) => new([.. text.Where(char.IsAsciiLetterOrDigit)]);

    private static bool TryReadNumber(string text, out byte number)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return byte.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        return text.Length > 1 && text[^1] is 'h' or 'H'
            ? byte.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
