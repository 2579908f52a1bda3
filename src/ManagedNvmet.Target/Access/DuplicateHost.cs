using System.Net;

namespace ManagedNvmet.Target.Access;

/// <summary>Two hosts of one name were seen at once.</summary>
public sealed record DuplicateHost
{
    /// <summary>When the second one connected.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The name that both have, made fit for a log.</summary>
    public required string HostNqn { get; init; }

    /// <summary>The subsystem that the second one asked for.</summary>
    public required Nqn SubsystemNqn { get; init; }

    /// <summary>Where the one is that was connected already.</summary>
    public IPEndPoint? FirstEndPoint { get; init; }

    /// <summary>The host identifier of the one that was connected already.</summary>
    public required Guid FirstHostId { get; init; }

    /// <summary>Where the second one is.</summary>
    public IPEndPoint? SecondEndPoint { get; init; }

    /// <summary>The host identifier of the second one.</summary>
    public required Guid SecondHostId { get; init; }

    /// <summary>The second one was refused.</summary>
    public required bool WasFenced { get; init; }
}
