using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>One run of a verb.</summary>
/// <param name="Result">The arguments.</param>
/// <param name="Client">The server.</param>
/// <param name="Output">Where to print.</param>
/// <param name="CancellationToken">The user gave up.</param>
internal sealed record VerbCall(ParseResult Result, ManagementClient Client, VerbOutput Output, CancellationToken CancellationToken);
