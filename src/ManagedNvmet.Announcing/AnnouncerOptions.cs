namespace ManagedNvmet.Announcing;

/// <summary>What is announced, and how.</summary>
public sealed record AnnouncerOptions
{
    /// <summary>By whom.</summary>
    public required MdnsMode Mode { get; init; }

    /// <summary>The type of service, such as <c>_nvme-disc._tcp</c>.</summary>
    public required string ServiceType { get; init; }

    /// <summary>What the text record says, such as <c>p=tcp</c>; each at most 255 bytes.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>The name of this machine, which instance and host names begin with.</summary>
    public string MachineName { get; init; } = Environment.MachineName;

    /// <summary>How long a failed announcement waits until it is tried again.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
