namespace ManagedNvmet.Configuration;

/// <summary>Reads the running configuration of a target and changes it.</summary>
/// <remarks>Thread-safe; changes are carried out one after another. Each one is logged with its requester.</remarks>
public interface IConfigurationControl
{
    /// <summary>A snapshot of the running configuration.</summary>
    TargetConfiguration Configuration { get; }

    /// <summary>The running configuration with the serial numbers and identities that the server has made for it: another machine that
    /// serves it shows hosts the same disks. A namespace whose disk is not available has none.</summary>
    TargetConfiguration Export();

    /// <summary>Names the content of <see cref="Configuration"/>: 16 hexadecimal digits, the same for configurations that mean the
    /// same.</summary>
    string ETag { get; }

    /// <summary>True when changes are written to a configuration file and survive a restart; false when they end with the server.</summary>
    bool KeepsChanges { get; }

    /// <summary>The configurations of the last ten changes, the running one first.</summary>
    IReadOnlyList<HistoryEntry> History { get; }

    /// <summary>Computes what <see cref="ApplyAsync"/> would do. Changes nothing.</summary>
    ConfigurationPlan Plan(TargetConfiguration wanted);

    /// <summary>Makes the target what is wanted, as a whole or not at all, without touching I/O that it does not concern.</summary>
    /// <param name="wanted">The whole configuration.</param>
    /// <param name="expectedETag">The <see cref="ETag"/> that the caller has seen, so that two writers do not lose each other's change;
    /// null to write whatever was there before.</param>
    /// <param name="requester">Who asks for the change, in words for the log and the history, such as <c>uid 0 (root)</c>.</param>
    /// <param name="cancellationToken">Ends the preparation; once the change has begun it is carried through.</param>
    Task<ApplyResult> ApplyAsync(
        TargetConfiguration wanted, string? expectedETag, string requester, CancellationToken cancellationToken);

    /// <summary>Returns to a configuration that ran before.</summary>
    /// <param name="number">The <see cref="HistoryEntry.Number"/> to return to; null for the one before the running one.</param>
    /// <param name="requester">Who asks, as with <see cref="ApplyAsync"/>.</param>
    /// <param name="cancellationToken">As with <see cref="ApplyAsync"/>.</param>
    Task<ApplyResult> RollbackAsync(int? number, string requester, CancellationToken cancellationToken);
}
