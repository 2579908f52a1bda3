using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>What all verbs that speak to a server have in common.</summary>
internal static class Verb
{
    /// <summary>Makes a verb with the options that say where the server is and what is printed.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does, in a sentence without an end.</param>
    /// <param name="act">Does it.</param>
    public static Command Create(string name, string description, Func<VerbCall, Task> act)
    {
        var server = new Option<string?>("--server")
        {
            Description = "The server: path of its management socket, or http(s)://ADDRESS:PORT. Default: the variable MANAGED_NVMET_SERVER, "
                + "the service's socket in /run/managed-nvmet, or the one in your state folder",
            HelpName = "PATH|URL",
        };
        var token = new Option<string?>("--token-file") { Description = "The token for a server at an address", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print JSON, for programs" };
        var verb = new Command(name, description) { server, token, json };
        verb.SetAction(async (result, cancellationToken) =>
        {
            var output = new VerbOutput(result.InvocationConfiguration.Output, result.GetValue(json));
            using var client = new ManagementClient(result.GetValue(server), result.GetValue(token));
            await act(new VerbCall(result, client, output, cancellationToken)).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return verb;
    }
}
