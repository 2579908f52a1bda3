namespace ManagedNvmet.Server.Doctor;

/// <summary>How good a finding is.</summary>
internal enum FindingGrade
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>It works, and could be better; or it could not be looked at.</summary>
    Hint,

    /// <summary>Connecting fails because of it.</summary>
    Bad,
}
