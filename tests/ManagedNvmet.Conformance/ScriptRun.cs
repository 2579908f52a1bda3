using System.Globalization;
using System.Text.RegularExpressions;
using ManagedNvmet.Protocol.Pdu;

namespace ManagedNvmet.Conformance;

/// <summary>Runs one script on one link. Throws a <see cref="ScriptException"/> that names the line that failed.</summary>
public sealed partial class ScriptRun : IDisposable
{
    private const string Bystander = "bystander";

    // Timeouts for a target at an address: how long a response may take, and how long nothing must arrive to count as silence.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SilenceTime = TimeSpan.FromMilliseconds(150);

    private readonly IConformanceLink _link;
    private readonly string _libraryFolder;
    private readonly Dictionary<string, ScriptConnection> _connections = [];
    private readonly Dictionary<string, string> _variables = [];

    private ScriptRun(IConformanceLink link, string scriptFolder)
    {
        _link = link;
        _libraryFolder = Path.Combine(scriptFolder, "lib");
        _variables["subnqn"] = link.SubsystemNqn;
    }

    /// <summary>Runs the script. Then checks that a connection opened before the script still works, and that nothing has leaked.</summary>
    public static void Run(Script script, IConformanceLink link, string scriptFolder)
    {
        using var run = new ScriptRun(link, scriptFolder);
        if (link.HasTarget)
            run.Use("admin", Bystander);
        run.RunBlock(script.Statements, null);
        run.ExpectNothingUnread(script.Name);
        if (link.HasTarget)
            run.Use("round-trip", Bystander);
        run.Dispose();
        IReadOnlyList<string> leaks = link.FindLeaks();
        if (leaks.Count > 0)
            throw new ScriptException($"{script.Name}: {string.Join(' ', leaks)}");
    }

    public void Dispose()
    {
        foreach (ScriptConnection connection in _connections.Values)
            connection.Dispose();
        _connections.Clear();
    }

    private void RunBlock(IReadOnlyList<Statement> block, string? connection)
    {
        foreach (Statement statement in block)
        {
            try
            {
                Run(connection is null ? statement : statement with { Connection = connection });
            }
            catch (Exception exception) when (exception is InvalidDataException
                || (exception is ScriptException && !exception.Message.Contains(" line ", StringComparison.Ordinal)))
            {
                string set = string.Join(
                    ' ', _variables.Where(variable => variable.Key != "subnqn").Select(variable => $"${variable.Key}={variable.Value}"));
                throw new ScriptException($"{statement.Place}\n  {exception.Message}\n  {set}");
            }
        }
    }

    private void Run(Statement statement)
    {
        string[] words = [.. statement.Words.Select(Replace)];
        switch (statement.Verb)
        {
            case ">":
                Send(statement.Connection, words);
                break;
            case "<":
                Expect(statement.Connection, words);
                break;
            case "wait":
                _link.Advance(ScriptValue.Duration(words[0]));
                break;
            case "set":
                _variables[words[0]] = words[1];
                break;
            case "use":
                foreach (string word in words.Skip(2))
                    _variables[word.Split('=')[0]] = word.Split('=')[1];
                Use(words[0], words.Length > 1 ? words[1] : statement.Connection);
                break;
            case "repeat":
                for (ulong left = ScriptValue.Number(words[0]); left > 0; left--)
                    RunBlock(statement.Inner, null);
                break;
            case "for":
                foreach (string value in words.Skip(2))
                {
                    _variables[words[0]] = value;
                    RunBlock(statement.Inner, null);
                }
                break;
            default:
                throw new ScriptException($"There is no statement '{statement.Verb}'.");
        }
    }

    private void Use(string name, string connection) =>
        RunBlock(Script.Load(Path.Combine(_libraryFolder, name + ".txt")).Statements, connection);

    private string Replace(string word) => VariableName().Replace(word, match =>
        _variables.TryGetValue(match.Groups[1].Value, out string? value)
            ? value
            : throw new ScriptException($"There is no variable '{match.Groups[1].Value}'."));

    [GeneratedRegex(@"\$(\w+)")]
    private static partial Regex VariableName();

    private void Send(string name, string[] words)
    {
        Dictionary<string, string> fields = Fields(words.Skip(1));
        switch (words[0])
        {
            case "open":
                Renew(name, 0);
                break;
            case "close":
                Get(name).CloseSend();
                break;
            case "reset":
                Get(name).Reset();
                break;
            case "bytes":
                Get(name).Send(Convert.FromHexString(string.Concat(words.Skip(1))));
                break;
            case "ICReq" when !_connections.ContainsKey(name):
                ulong hpda = fields.TryGetValue("hpda", out string? value) ? ScriptValue.Number(value) : 0;
                Renew(name, hpda < 32 ? (byte)hpda : (byte)0);
                goto default;
            default:
                ScriptConnection connection = Get(name);
                connection.Send(PduWriter.Write(words[0], fields, connection.Digests, _variables["subnqn"]));
                break;
        }
    }

    private void Expect(string name, string[] words)
    {
        ScriptConnection connection = Get(name);
        switch (words[0])
        {
            case "silent":
                while (connection.Pump(SilenceTime))
                {
                }
                if (connection.Unread.Count > 0)
                    throw new ScriptException($"Expected silence, got {connection.Unread.First()}.");
                if (connection.IsOver)
                    throw new ScriptException("Expected silence, but the connection was closed.");
                return;
            case "close":
                ExpectClose(name, connection);
                return;
            case "refusal":
                // Accepts a C2HTermReq or a plain close, because targets differ here.
                if (connection.Next(AnswerTime) is { Type: not PduType.C2HTermReq } other)
                    throw new ScriptException($"Expected the end of the connection, got {other}.");
                ExpectClose(name, connection);
                return;
            default:
                break;
        }
        ReceivedPdu pdu = connection.Next(AnswerTime) ?? throw new ScriptException(
            connection.IsOver ? "The connection was closed." : "Nothing came.");
        if (pdu.Type.ToString() != words[0])
            throw new ScriptException($"Got {pdu}.");
        foreach ((string field, string expected) in Fields(words.Skip(1)))
            Check(pdu, words[0], field, expected);
    }

    private void ExpectClose(string name, ScriptConnection connection)
    {
        // After a C2HTermReq, the host closes the connection.
        if (connection.WasTerminated && connection.Unread.Count == 0)
            connection.CloseSend();
        if (connection.Next(AnswerTime) is { } pdu)
            throw new ScriptException($"Expected the end of the connection, got {pdu}.");
        if (!connection.IsOver)
            throw new ScriptException("The connection is still open.");
        connection.Dispose();
        _connections.Remove(name);
    }

    private void Check(ReceivedPdu pdu, string kind, string field, string expected)
    {
        if (field == "data")
        {
            if (expected != "*" && !pdu.Data.AsSpan().SequenceEqual(ScriptValue.Bytes(expected, pdu.Data.Length)))
                throw new ScriptException(
                    $"The data of {pdu} is not {expected}: {Convert.ToHexString(pdu.Data.AsSpan(0, Math.Min(64, pdu.Data.Length)))}…");
            return;
        }
        ulong actual = field switch
        {
            "last" => pdu.IsLast ? 1u : 0,
            "success" => pdu.IsSuccess ? 1u : 0,
            "dnr" => pdu.Status.DoNotRetry ? 1u : 0,
            "status" => (ulong)((pdu.Status.CodeType << 8) | pdu.Status.Code),
            "len" or "copy" => (ulong)pdu.Data.Length,
            _ when field.Contains('@') => ReadData(pdu, field),
            _ => ReadField(pdu, kind, field),
        };
        if (expected == "*")
            return;
        if (expected[0] == '?')
        {
            _variables[expected[1..]] = actual.ToString(CultureInfo.InvariantCulture);
            return;
        }
        bool isDenied = expected[0] == '!';
        ulong wanted = ScriptValue.Number(isDenied ? expected[1..] : expected);
        if ((wanted == actual) == isDenied)
            throw new ScriptException($"Got {pdu}: {field} is {actual} (0x{actual:X}).");
    }

    private static ulong ReadField(ReceivedPdu pdu, string kind, string field)
    {
        (int offset, int size) = PduFields.Find(kind, field);
        return PduFields.Read(pdu.Header, offset, size);
    }

    private static ulong ReadData(ReceivedPdu pdu, string field)
    {
        int at = field.IndexOf('@');
        int size = int.Parse(field[1..at], CultureInfo.InvariantCulture) / 8;
        return PduFields.Read(pdu.Data, (int)ScriptValue.Number(field[(at + 1)..]), size);
    }

    private ScriptConnection Get(string name)
    {
        if (!_connections.ContainsKey(name))
            Renew(name, 0);
        return _connections[name];
    }

    private void Renew(string name, byte hpda)
    {
        if (_connections.Remove(name, out ScriptConnection? old))
            old.Dispose();
        _connections[name] = new ScriptConnection(_link.Open(hpda), hpda);
    }

    private void ExpectNothingUnread(string script)
    {
        foreach ((string name, ScriptConnection connection) in _connections)
        {
            connection.Pump(_link.HasOwnTime ? TimeSpan.Zero : TimeSpan.FromMilliseconds(1));
            if (connection.Unread.Count > 0)
                throw new ScriptException($"{script}: nobody looked at what came on {name}: {string.Join("; ", connection.Unread)}");
        }
    }

    private static Dictionary<string, string> Fields(IEnumerable<string> words)
    {
        var fields = new Dictionary<string, string>();
        foreach (string word in words)
        {
            int equals = word.IndexOf('=');
            fields.Add(equals < 0 ? word : word[..equals], equals < 0 ? "1" : word[(equals + 1)..]);
        }
        return fields;
    }
}
