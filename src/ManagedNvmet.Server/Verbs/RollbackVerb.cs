using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>rollback</c> verb.</summary>
internal sealed class RollbackVerb : ServerVerb
{
    private readonly Argument<int?> _number;

    public RollbackVerb()
        : base("rollback", "Returns to a configuration that ran before") =>
        _number = Add(new Argument<int?>("number")
        {
            Description = "The configuration, as 'history' shows it. Default: the one before the running one",
            Arity = ArgumentArity.ZeroOrOne,
        });

    protected override Task RunAsync(VerbCall call)
    {
        string query = call.Result.GetValue(_number) is { } wanted ? $"?number={wanted}" : "";
        return ConfigurationRequests.SendAsync(call, HttpMethod.Post, ConfigurationRequests.Path + "/rollback" + query);
    }
}
