using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>completion</c> verb: a script that makes a shell complete the command line. The script asks the program for the
/// words.</summary>
internal sealed class CompletionVerb : Verb
{
    private const string Bash = """
        _managed_nvmet() {
            local line=${COMP_LINE:0:$COMP_POINT} found
            line=${line#* }
            found=$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)
            mapfile -t COMPREPLY < <(compgen -W "$found" -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -o default -F _managed_nvmet managed-nvmet
        """;

    private const string Zsh = """
        #compdef managed-nvmet
        _managed_nvmet() {
            local line="${words[2,CURRENT]}"
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -- $found || _files
        }
        compdef _managed_nvmet managed-nvmet
        """;

    private const string Fish = """
        function __managed_nvmet
            set -l line (commandline -cp | string replace -r '^\S+\s?' '')
            managed-nvmet "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c managed-nvmet -a '(__managed_nvmet)'
        """;

    private readonly Argument<string> _shell;

    public CompletionVerb()
        : base(
            "completion",
            "Prints a script that makes a shell complete this command: source <(managed-nvmet completion bash)",
            printsJson: false)
    {
        _shell = Add(new Argument<string>("shell") { Description = "bash, zsh or fish" });
        _shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
    }

    protected override Task<int> RunAsync(ParseResult result, VerbOutput output, CancellationToken cancellationToken)
    {
        output.Line(result.GetValue(_shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
        return Task.FromResult(ExitCode.Done);
    }
}
