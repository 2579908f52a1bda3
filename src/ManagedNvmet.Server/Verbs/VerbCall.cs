using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>One run of a verb that speaks to a server.</summary>
/// <param name="Result">The arguments.</param>
/// <param name="Client">The server.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Server">The server that the user named; null for the default one.</param>
/// <param name="CancellationToken">Canceled by Ctrl-C.</param>
internal sealed record VerbCall(
    ParseResult Result, ManagementClient Client, VerbOutput Output, string? Server, CancellationToken CancellationToken);
