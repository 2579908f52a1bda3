using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends.Identities;

public sealed partial class IdentityStore
{
    [LoggerMessage(Level = LogLevel.Information,
        Message =
            "The identity of {Place} was kept under {Former}, which may become another disk's name; from now on it is kept under {Key}")]
    private static partial void LogTakenOver(ILogger logger, string place, string former, string key);

    [LoggerMessage(Level = LogLevel.Warning,
        Message =
            "{Place} is another file than before and gets a new identity: the one before had the UUID {Uuid}. If it is the same disk, "
            + "restored from a backup, stop the server and run: setfattr --name={Attribute} --value={Mark} {Place}")]
    private static partial void LogReplaced(ILogger logger, string place, Guid uuid, string mark, string attribute);
}
