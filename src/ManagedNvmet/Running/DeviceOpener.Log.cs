using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Running;

internal sealed partial class DeviceOpener
{
    [LoggerMessage(Level = LogLevel.Warning,
        Message =
            "{Device} has no name that it keeps over a restart of the machine. Its identity is kept under {Name}: another disk that is "
            + "called so later would get it. Configure a UUID for it")]
    private static partial void LogNothingLasts(ILogger logger, string device, string name);
}
