namespace ManagedNvmet.Announcing;

/// <summary>Options of the announcements.</summary>
public sealed record AnnouncerOptions
{
    /// <summary>Publisher of the announcements, or off.</summary>
    public required MdnsMode Mode { get; init; }

    /// <summary>DNS-SD service type, such as <c>_nvme-disc._tcp</c>.</summary>
    public required string ServiceType { get; init; }

    /// <summary>Strings of the TXT record, such as <c>p=tcp</c>; each has at most 255 bytes of UTF-8.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>Name of this machine. The announced instance and host names begin with it.</summary>
    public string MachineName { get; init; } = Environment.MachineName;

    /// <summary>Time between a failed announcement and the next attempt.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
