namespace ManagedNvmet.Reports;

/// <summary>An address that hosts connect to.</summary>
public sealed record PortReport
{
    /// <summary>PORTID.</summary>
    public int Id { get; init; }

    /// <summary>Address and TCP port, IPv6 in brackets.</summary>
    public required string Address { get; init; }

    /// <summary><c>ipv4</c> or <c>ipv6</c>.</summary>
    public required string Family { get; init; }

    /// <summary>It is listened on; when not, <see cref="Problem"/> says why.</summary>
    public bool IsListening { get; init; }

    /// <summary>Why it is not listened on, and what is done about it; null when all is well.</summary>
    public string? Problem { get; init; }

    /// <summary>How it is announced by multicast DNS, or why it is not; null when announcing is off.</summary>
    public string? Mdns { get; init; }

    /// <summary>The subsystems that are reached through it; null for all.</summary>
    public IReadOnlyList<string>? Subsystems { get; init; }

    /// <summary>Sessions that came in by it.</summary>
    public int Sessions { get; init; }
}
