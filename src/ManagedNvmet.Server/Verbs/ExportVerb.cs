using System.CommandLine;
using System.Text.Json.Nodes;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>export</c> verb.</summary>
internal sealed class ExportVerb : ServerVerb
{
    private readonly Argument<string?> _file;

    public ExportVerb()
        : base("export", "Writes the running configuration with its identities, in the shape that nvmetcli saves") =>
        _file = Add(new Argument<string?>("file") { Description = "Where to. Default: standard output", Arity = ArgumentArity.ZeroOrOne });

    protected override async Task RunAsync(VerbCall call)
    {
        (string json, string eTag) = await call.Client.GetTextAsync(
            ConfigurationRequests.Path + "?identities=true", call.CancellationToken).ConfigureAwait(false);
        foreach (string name in WithoutIdentity(json))
        {
            await call.Result.InvocationConfiguration.Error.WriteLineAsync(
                $"warning: {name} is exported without an identity, because its disk is not available; another machine makes a new one.")
                .ConfigureAwait(false);
        }
        if (call.Result.GetValue(_file) is not { } path)
        {
            call.Output.Line(json.TrimEnd('\n'));
            return;
        }
        try
        {
            await File.WriteAllTextAsync(path, json, call.CancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VerbException(ExitCode.Failed, $"{path} cannot be written: {exception.Message}");
        }
        call.Output.Line($"Configuration {eTag} is in {path}.");
    }

    private static IEnumerable<string> WithoutIdentity(string json) =>
        from subsystem in JsonNode.Parse(json)!["subsystems"]!.AsArray()
        from each in subsystem!["namespaces"]!.AsArray()
        where each!["device"]?["uuid"] is null
        select $"namespace {each["nsid"]} of {subsystem["nqn"]}";
}
