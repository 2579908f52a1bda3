using System.CommandLine;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>import</c> verb. Needs no server: the configuration goes to standard output, to be read and applied.</summary>
internal sealed class ImportVerb : Verb
{
    private readonly Argument<string> _kind;
    private readonly Argument<string?> _source;

    public ImportVerb()
        : base("import", "Turns the configuration of another target into one for 'apply', on standard output", printsJson: false)
    {
        _kind = Add(new Argument<string>("kind") { Description = "What is read: nvmetcli, spdk (of save_config) or kernel (configfs)" });
        _kind.AcceptOnlyFromAmong("nvmetcli", "spdk", "kernel");
        _source = Add(new Argument<string?>("source")
        {
            Description = $"The file, or the folder of configfs. Default for kernel: {ConfigfsImporter.KernelFolder}",
            Arity = ArgumentArity.ZeroOrOne,
        });
    }

    protected override Task<int> RunAsync(ParseResult result, VerbOutput output, CancellationToken cancellationToken)
    {
        ConfigurationReading reading = Read(result.GetValue(_kind)!, result.GetValue(_source));
        TextWriter messages = result.InvocationConfiguration.Error;
        foreach (ConfigurationProblem problem in reading.Problems)
            messages.WriteLine($"{problem.Severity.ToString().ToLowerInvariant()}: {problem}");
        if (reading.Secrets.Count > 0)
            messages.WriteLine("warning: keys of hosts are not written; put them in the server's file of secrets.");
        if (reading.Configuration is not { } configuration || !reading.IsSound)
            throw new VerbException(ExitCode.Failed, "Nothing was imported; see above.");
        output.Line(ConfigurationFile.Write(configuration).TrimEnd('\n'));
        return Task.FromResult(ExitCode.Done);
    }

    private static ConfigurationReading Read(string kind, string? source)
    {
        try
        {
            return kind switch
            {
                "kernel" => ConfigfsImporter.Read(source ?? ConfigfsImporter.KernelFolder),
                _ when source is null => throw new VerbException(ExitCode.Usage, $"'import {kind}' needs the file to read."),
                "spdk" => SpdkImporter.Parse(File.ReadAllBytes(source)),
                _ => ConfigurationFile.Parse(File.ReadAllBytes(source)),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ConfigurationException)
        {
            throw new VerbException(ExitCode.Failed, $"{source} cannot be imported: {exception.Message}");
        }
    }
}
