using System.Diagnostics.CodeAnalysis;
using ManagedNvmet.Backends;

namespace ManagedNvmet.Configuration;

/// <summary>What the device of a namespace means.</summary>
internal static class DeviceSpecification
{
    private const string OwnPrefix = "device:";

    /// <summary>The text that names a device of the program's own.</summary>
    public static string ForOwn(string name) => OwnPrefix + name;

    /// <summary>True for a device that the program brings along.</summary>
    public static bool IsOwn(string device, [NotNullWhen(true)] out string? name)
    {
        name = device.StartsWith(OwnPrefix, StringComparison.Ordinal) ? device[OwnPrefix.Length..] : null;
        return name is not null;
    }

    /// <summary>What to open.</summary>
    /// <exception cref="BackendException">The device is no sound specification; the message says why.</exception>
    public static NamespaceSpec ToSpec(NamespaceConfiguration configured)
    {
        string device = configured.Device;
        bool hasScheme = device.StartsWith("mem:", StringComparison.Ordinal) || device.StartsWith("null:", StringComparison.Ordinal);

        // A path is taken as it is, commas included; only memory and null have something to parse.
        NamespaceSpec spec = hasScheme
            ? NamespaceSpec.Parse(device.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal))
            : new NamespaceSpec { Kind = NamespaceKind.File, Path = device, Text = device };
        return spec with
        {
            IsReadOnly = configured.IsReadOnly,
            BlockSize = configured.BlockSize,
            IsForced = configured.IsForced,
            IsBuffered = configured.IsBuffered,
            CreateBytes = configured.CreateBytes,
            Uuid = configured.Uuid,
        };
    }
}
