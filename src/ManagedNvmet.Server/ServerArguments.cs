using ManagedNvmet.Management;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Server;

/// <summary>What the command line asked for.</summary>
/// <param name="Options">The server's options.</param>
/// <param name="LogLevel">The least level that is logged.</param>
/// <param name="Management">Where management is offered.</param>
internal sealed record ServerArguments(NvmetServerOptions Options, LogLevel LogLevel, ManagementOptions Management);
