namespace ManagedNvmet.Conformance;

/// <summary>A parsed script: a list of statements, in which a loop contains its own statements.</summary>
public sealed class Script
{
    private Script(string name, string description, IReadOnlyList<Statement> statements)
    {
        Name = name;
        Description = description;
        Statements = statements;
    }

    public string Name { get; }

    /// <summary>The comment at the beginning of the script.</summary>
    public string Description { get; }

    public IReadOnlyList<Statement> Statements { get; }

    /// <summary>Total time of the wait statements outside loops. Tests in real time skip scripts that wait long.</summary>
    public TimeSpan Waits => TimeSpan.FromMilliseconds(Statements.Where(statement => statement.Verb == "wait")
        .Sum(statement => ScriptValue.Duration(statement.Words[0]).TotalMilliseconds));

    public static Script Load(string path) => Parse(Path.GetFileNameWithoutExtension(path), File.ReadAllLines(path));

    public static Script Parse(string name, string[] lines)
    {
        var description = new List<string>();
        foreach (string line in lines.TakeWhile(line => line.StartsWith('#')))
            description.Add(line[1..].Trim());
        int next = 0;
        return new Script(name, string.Join(' ', description), ParseBlock(name, lines, ref next, isInner: false));
    }

    private static List<Statement> ParseBlock(string name, string[] lines, ref int next, bool isInner)
    {
        var block = new List<Statement>();
        for (; next < lines.Length; next++)
        {
            string line = lines[next].Split(" #")[0].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "end")
            {
                if (isInner)
                    return block;
                throw new ScriptException($"{name} line {next + 1}: 'end' without a loop.");
            }
            int number = next + 1;
            IReadOnlyList<Statement> inner = [];
            if (words[0] is "for" or "repeat")
            {
                next++;
                inner = ParseBlock(name, lines, ref next, isInner: true);
            }
            block.Add(Statement.Parse($"{name} line {number}: {line}", words, inner));
        }
        return isInner ? throw new ScriptException($"{name}: a loop has no 'end'.") : block;
    }
}

/// <summary>One line of a script.</summary>
/// <param name="Place">File, line number and text of the line, for messages.</param>
/// <param name="Verb">'>' to send, '&lt;' to expect, or a word.</param>
/// <param name="Connection">Name of the connection that the statement uses.</param>
/// <param name="Words">Arguments. </param>
/// <param name="Inner">Statements inside a loop.</param>
public sealed record Statement(string Place, string Verb, string Connection, string[] Words, IReadOnlyList<Statement> Inner)
{
    public const string DefaultConnection = "A";

    public static Statement Parse(string place, string[] words, IReadOnlyList<Statement> inner)
    {
        string first = words[0];
        return first[^1] is '>' or '<'
            ? new Statement(place, first[^1..], first.Length > 1 ? first[..^1] : DefaultConnection, words[1..], inner)
            : new Statement(place, first, DefaultConnection, words[1..], inner);
    }
}
