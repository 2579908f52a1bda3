namespace ManagedNvmet.Configuration;

/// <summary>Looks at the running configuration of a target and changes it.</summary>
/// <remarks>Thread-safe; changes are carried out one after another.</remarks>
public interface IConfigurationControl
{
    /// <summary>What is asked of the target at the moment: a snapshot.</summary>
    TargetConfiguration Configuration { get; }

    /// <summary>Names the content of <see cref="Configuration"/>: 16 hexadecimal digits, the same for configurations that mean the same.</summary>
    string ETag { get; }

    /// <summary>The configurations of the last ten changes, the running one first.</summary>
    IReadOnlyList<HistoryEntry> History { get; }

    /// <summary>Says what <see cref="ApplyAsync"/> would do. Changes nothing.</summary>
    ConfigurationPlan Plan(TargetConfiguration wanted);

    /// <summary>Makes the target what is wanted, as a whole or not at all, without touching I/O that it does not concern.</summary>
    /// <param name="wanted">The whole configuration.</param>
    /// <param name="expectedETag">The <see cref="ETag"/> that the caller has seen, so that two writers do not lose each other's change; null
    /// to write whatever was there before.</param>
    /// <param name="cancellationToken">Ends the preparation; once the change has begun it is carried through.</param>
    Task<ApplyResult> ApplyAsync(TargetConfiguration wanted, string? expectedETag, CancellationToken cancellationToken);

    /// <summary>Makes the target what it was.</summary>
    /// <param name="number">The <see cref="HistoryEntry.Number"/> to return to; null for the one before the running one.</param>
    /// <param name="cancellationToken">As with <see cref="ApplyAsync"/>.</param>
    Task<ApplyResult> RollbackAsync(int? number, CancellationToken cancellationToken);
}
