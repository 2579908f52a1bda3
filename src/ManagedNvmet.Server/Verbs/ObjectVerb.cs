using System.CommandLine;
using System.Text.Json.Nodes;

namespace ManagedNvmet.Server.Verbs;

/// <summary>A verb that changes one object of the configuration. The server checks the whole document and applies it, or refuses
/// it.</summary>
internal abstract class ObjectVerb : ServerVerb
{
    private readonly Argument<string[]>? _settings;

    /// <param name="name">The word that is typed.</param>
    /// <param name="description">One sentence without a full stop.</param>
    /// <param name="hasSettings">Attributes follow the arguments; they are the last argument.</param>
    protected ObjectVerb(string name, string description, bool hasSettings)
        : base(name, description)
    {
        if (!hasSettings)
            return;
        _settings = new Argument<string[]>("settings")
        {
            Description =
                "Attributes by their names in the configuration: NAME=VALUE, NAME= to leave it out, NAME+=VALUE and NAME-=VALUE for lists",
            Arity = ArgumentArity.ZeroOrMore,
        };
    }

    /// <summary>Changes the document. Called again when somebody else changed the configuration in between.</summary>
    /// <param name="result">The arguments.</param>
    /// <param name="document">The running configuration.</param>
    /// <param name="settings">The attributes that were typed.</param>
    /// <exception cref="VerbException">The change is not possible; the message says why.</exception>
    protected abstract void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings);

    /// <summary>Adds the arguments of the object, and behind them the attributes.</summary>
    protected void AddArguments(params Argument[] arguments)
    {
        foreach (Argument argument in arguments)
            Command.Add(argument);
        if (_settings is not null)
            Command.Add(_settings);
    }

    protected override Task RunAsync(VerbCall call) => ConfigurationEditor.EditAsync(
        call, document => Change(call.Result, document, _settings is null ? [] : call.Result.GetValue(_settings) ?? []));
}
