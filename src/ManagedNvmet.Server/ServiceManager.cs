using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace ManagedNvmet.Server;

/// <summary>What systemd, or another manager that speaks its protocol, has told this process by its environment.</summary>
/// <remarks>AddSystemd looks for a parent process with the name systemd instead, which a shell in between, ProtectProc= or a container's
/// manager hides; the service would then be killed for never having become ready.</remarks>
internal static class ServiceManager
{
    /// <summary>True when standard output is the journal: JOURNAL_STREAM is inherited by processes whose output goes elsewhere, so that the
    /// number of the socket has to be the same.</summary>
    public static bool ReadsTheLog =>
        Environment.GetEnvironmentVariable("JOURNAL_STREAM")?.Split(':') is [_, { } inode]
        && new FileInfo("/proc/self/fd/1").LinkTarget == $"socket:[{inode}]";

    /// <summary>Reports to the manager when it waits for that: ready when the server listens, and when it stops.</summary>
    public static void AddTo(IServiceCollection services)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NOTIFY_SOCKET")))
            return;
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        services.AddSingleton<IHostLifetime, SystemdLifetime>();
    }
}
