namespace ManagedNvmet.Reports;

/// <summary>A port: an address to which hosts connect.</summary>
public sealed record PortReport
{
    /// <summary>Port ID (PORTID).</summary>
    public int Id { get; init; }

    /// <summary>Address and TCP port, IPv6 in brackets.</summary>
    public required string Address { get; init; }

    /// <summary><c>ipv4</c> or <c>ipv6</c>.</summary>
    public required string Family { get; init; }

    /// <summary>True when the server listens on the address; otherwise <see cref="Problem"/> says why not.</summary>
    public bool IsListening { get; init; }

    /// <summary>Why the server does not listen on the address, and what it does about that; null when it listens.</summary>
    public string? Problem { get; init; }

    /// <summary>Announcement by multicast DNS, or the reason why there is none; null when announcements are disabled.</summary>
    public string? Mdns { get; init; }

    /// <summary>NQNs of the subsystems that hosts reach through the port; null for all.</summary>
    public IReadOnlyList<string>? Subsystems { get; init; }

    /// <summary>Number of sessions that connected through the port.</summary>
    public int Sessions { get; init; }
}
