using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>One verb of the command line. A verb is a class that derives from this one or from <see cref="ServerVerb"/>, and a row of
/// <see cref="VerbTable"/>; help, completion and docs/reference/management.md come from there.</summary>
internal abstract class Verb
{
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON, for programs" };

    /// <param name="name">The word that is typed.</param>
    /// <param name="description">One sentence without a full stop.</param>
    /// <param name="printsJson">The verb takes <c>--json</c>.</param>
    protected Verb(string name, string description, bool printsJson = true)
    {
        Command = new Command(name, description);
        if (printsJson)
            Command.Add(_json);
        Command.SetAction((result, cancellationToken) => RunAsync(
            result,
            new VerbOutput(result.InvocationConfiguration.Output, printsJson && result.GetValue(_json), IsWide(result)),
            cancellationToken));
    }

    /// <summary>The verb with its arguments and options, which the constructor of the derived class adds.</summary>
    public Command Command { get; }

    /// <summary>Adds an argument.</summary>
    protected TArgument Add<TArgument>(TArgument argument)
        where TArgument : Argument
    {
        Command.Add(argument);
        return argument;
    }

    /// <summary>Adds an option.</summary>
    protected TOption AddOption<TOption>(TOption option)
        where TOption : Option
    {
        Command.Add(option);
        return option;
    }

    /// <summary>Does the work.</summary>
    /// <param name="result">The arguments.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="cancellationToken">Canceled by Ctrl-C.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    /// <exception cref="VerbException">The work failed; the message is one sentence for the user.</exception>
    protected abstract Task<int> RunAsync(ParseResult result, VerbOutput output, CancellationToken cancellationToken);

    /// <summary>True when tables show everything, however wide the terminal is.</summary>
    protected virtual bool IsWide(ParseResult result) => false;
}
