using ManagedNvmet.Management;
using ManagedNvmet.Management.Api;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Server.Settings;

/// <summary>The settings of the process: the rows of <see cref="SettingTable"/> read and write them.</summary>
internal sealed class ServerSettings
{
    /// <summary>Options of the server.</summary>
    public NvmetServerOptions Server { get; } = new();

    /// <summary>Options of the management interface.</summary>
    public ManagementOptions Management { get; set; } = new();

    /// <summary>Path of the management socket as it was given, <c>none</c>, or null for the default.</summary>
    public string? ManagementSocket { get; set; }

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>The options of the management interface.</summary>
    /// <param name="stateFolder">Folder of the default socket.</param>
    /// <param name="reports">All settings, for those who ask the server for them.</param>
    public ManagementOptions ManagementOf(string stateFolder, IReadOnlyList<SettingReport> reports) => Management with
    {
        SocketPath = ManagementSocket == SettingTable.NoSocket
            ? null
            : Path.GetFullPath(ManagementSocket ?? ManagementOptions.DefaultSocketPath(stateFolder)),
        IsSocketRequired = ManagementSocket is not null,
        Settings = reports,
    };

    /// <summary>Settings that contradict each other, as one sentence; null when there are none.</summary>
    public string? Contradiction()
    {
        int transfer = Server.Limits.Connection.MaxTransferBytes;
        if (Server.Shard.BufferBytes < transfer)
            return TooSmall("Shards:BufferBytes", Server.Shard.BufferBytes);
        if (Server.Limits.Connection.MaxBufferBytes < transfer)
            return TooSmall("Connections:MaxBufferBytes", Server.Limits.Connection.MaxBufferBytes);
        if (Server.Limits.MaxConnectionsPerAddress > Server.Limits.MaxConnections)
        {
            return $"Connections:MaxPerAddress is {Server.Limits.MaxConnectionsPerAddress}, more than Connections:Max "
                + $"({Server.Limits.MaxConnections}).";
        }
        return null;

        string TooSmall(string key, int bytes) => $"{key} is {bytes} bytes, less than one transfer (Transfers:MaxBytes is {transfer} "
            + "bytes).";
    }
}
