using ManagedNvmet.Target.Access;
using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Subsystems;

/// <summary>Options of a new subsystem.</summary>
public sealed record SubsystemOptions
{
    /// <summary>The size of the SN field in bytes.</summary>
    public const int MaxSerialNumberLength = 20;

    /// <summary>SUBNQN.</summary>
    public required Nqn Nqn { get; init; }

    /// <summary>SN: 1 to 20 printable ASCII characters.</summary>
    public required string SerialNumber { get; init; }

    /// <summary>MN: 1 to 40 printable ASCII characters.</summary>
    public string ModelNumber { get; init; } = "ManagedNvmet";

    /// <summary>FR: 1 to 8 printable ASCII characters.</summary>
    public string FirmwareRevision { get; init; } = "1";

    /// <summary>The hosts that may connect; all by default.</summary>
    public SubsystemAccess Access { get; init; } = SubsystemAccess.AnyHost;

    /// <summary>Limits on what all its hosts together may use.</summary>
    public SubsystemLimits Limits { get; init; } = SubsystemLimits.None;

    /// <summary>True when the discovery log page does not contain it. Hosts that know its NQN can still connect.</summary>
    public bool IsHidden { get; init; }

    /// <summary>The initial namespaces, in any order.</summary>
    public IReadOnlyCollection<Namespace> Namespaces { get; init; } = [];

    /// <summary>The lowest CNTLID, 1 to FFEFh. Targets that serve the same subsystem must use different ranges.</summary>
    public ushort MinControllerId { get; init; } = 1;

    /// <summary>The highest CNTLID, from <see cref="MinControllerId"/> to FFEFh.</summary>
    public ushort MaxControllerId { get; init; } = ControllerIdAllocator.MaxId;

    /// <summary>First CNTLID to assign, inside the range. By default random, so that a restarted target does not soon assign identifiers
    /// that its hosts still remember.</summary>
    public ushort? FirstControllerId { get; init; }

    /// <summary>Returns the first error in these values, or null when they are valid.</summary>
    public string? Validate() =>
        Check(nameof(SerialNumber), SerialNumber, MaxSerialNumberLength)
        ?? Check(nameof(ModelNumber), ModelNumber, 40)
        ?? Check(nameof(FirmwareRevision), FirmwareRevision, 8)
        ?? CheckControllerIds();

    private string? CheckControllerIds()
    {
        if (MinControllerId is < 1 or > ControllerIdAllocator.MaxId)
            return $"{nameof(MinControllerId)} is {MinControllerId}, expected 1 to {ControllerIdAllocator.MaxId}";
        if (MaxControllerId < MinControllerId || MaxControllerId > ControllerIdAllocator.MaxId)
            return $"{nameof(MaxControllerId)} is {MaxControllerId}, expected {MinControllerId} to {ControllerIdAllocator.MaxId}";
        return FirstControllerId is { } first && (first < MinControllerId || first > MaxControllerId)
            ? $"{nameof(FirstControllerId)} is {first}, expected {MinControllerId} to {MaxControllerId}"
            : null;
    }

    private static string? Check(string name, string value, int maxLength)
    {
        if (value.Length == 0 || value.Length > maxLength)
            return $"{name} is '{value}', expected 1 to {maxLength} characters";
        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? $"{name} holds a character that is not printable ASCII" : null;
    }
}
