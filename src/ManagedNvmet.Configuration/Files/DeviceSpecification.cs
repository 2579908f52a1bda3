using System.Diagnostics.CodeAnalysis;
using ManagedNvmet.Backends;
using ManagedNvmet.Backends.Kinds;

namespace ManagedNvmet.Configuration;

/// <summary>Interprets the device of a namespace.</summary>
internal static class DeviceSpecification
{
    private const string OwnPrefix = "device:";

    /// <summary>The text that names a device of the hosting program.</summary>
    public static string ForOwn(string name) => OwnPrefix + name;

    /// <summary>True for a device that the hosting program supplies.</summary>
    public static bool IsOwn(string device, [NotNullWhen(true)] out string? name)
    {
        name = device.StartsWith(OwnPrefix, StringComparison.Ordinal) ? device[OwnPrefix.Length..] : null;
        return name is not null;
    }

    /// <summary>The specification to open.</summary>
    /// <exception cref="BackendException">The device is no sound specification; the message says why.</exception>
    public static NamespaceSpec ToSpec(NamespaceConfiguration configured, BackendKinds kinds) =>
        NamespaceSpec.OfDevice(configured.Device, kinds) with
        {
            IsReadOnly = configured.IsReadOnly,
            BlockSize = configured.BlockSize,
            IsForced = configured.IsForced,
            IsBuffered = configured.IsBuffered,
            CreateBytes = configured.CreateBytes,
            Uuid = configured.Uuid,
        };
}
