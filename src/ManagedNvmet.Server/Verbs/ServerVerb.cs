using System.CommandLine;
using ManagedNvmet.Server.Settings;

namespace ManagedNvmet.Server.Verbs;

/// <summary>A verb that speaks to a running server.</summary>
internal abstract class ServerVerb : Verb
{
    private readonly Option<string?> _server = new("--server", SettingTable.SocketOption)
    {
        Description = "The server: path of its management socket, or http(s)://ADDRESS:PORT. Default: the variable MANAGED_NVMET_SERVER, "
            + "the service's socket in /run/managed-nvmet, or the one in your state folder",
        HelpName = "PATH|URL",
    };

    private readonly Option<string?> _token =
        new("--token-file") { Description = "The token for a server at an address", HelpName = "FILE" };

    private readonly Option<bool> _wide = new("--wide") { Description = "Show all columns and whole names, however wide the terminal is" };

    /// <param name="name">The word that is typed.</param>
    /// <param name="description">One sentence without a full stop.</param>
    /// <param name="printsTable">The verb takes <c>--wide</c>.</param>
    protected ServerVerb(string name, string description, bool printsTable = false)
        : base(name, description)
    {
        Command.Add(_server);
        Command.Add(_token);
        if (printsTable)
            Command.Add(_wide);
    }

    /// <summary>Does the work.</summary>
    /// <exception cref="VerbException">The work failed; the message is one sentence for the user.</exception>
    protected abstract Task RunAsync(VerbCall call);

    protected sealed override bool IsWide(ParseResult result) => Command.Options.Contains(_wide) && result.GetValue(_wide);

    protected sealed override async Task<int> RunAsync(ParseResult result, VerbOutput output, CancellationToken cancellationToken)
    {
        using var client = new ManagementClient(result.GetValue(_server), result.GetValue(_token));
        await RunAsync(new VerbCall(result, client, output, result.GetValue(_server), cancellationToken)).ConfigureAwait(false);
        return ExitCode.Done;
    }
}
