using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>export</c> verb.</summary>
internal sealed class ExportVerb : ServerVerb
{
    private readonly Argument<string?> _file;

    public ExportVerb()
        : base("export", "Writes the running configuration, in the shape that nvmetcli saves") =>
        _file = Add(new Argument<string?>("file") { Description = "Where to. Default: standard output", Arity = ArgumentArity.ZeroOrOne });

    protected override async Task RunAsync(VerbCall call)
    {
        (string json, string eTag) = await call.Client.GetTextAsync(ConfigurationRequests.Path, call.CancellationToken).ConfigureAwait(false);
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
}
