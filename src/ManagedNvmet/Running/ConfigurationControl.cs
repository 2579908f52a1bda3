using ManagedNvmet.Backends.Stores;
using ManagedNvmet.Configuration;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Running;

/// <summary>Changes the running target: checks and compares the wanted configuration, applies it, and writes history and file.</summary>
internal sealed partial class ConfigurationControl(
    RunningTarget running, ConfigurationRules rules, ConfigurationHistory history, IDocumentStore? store, TimeProvider time, ILogger logger)
    : IConfigurationControl
{
    // The largest number of changes in a log line. The plan and the history contain all of them.
    private const int LoggedChanges = 4;

    private readonly SemaphoreSlim _gate = new(1, 1);

    // The version of the stored document that the target runs. A change overwrites only this version.
    private volatile string _version = StoredDocument.Missing;
    private bool _isClosed;
    private volatile IReadOnlyList<HistoryEntry> _entries = [];
    private volatile string _etag = ConfigurationETag.Of(TargetConfiguration.Empty);

    public TargetConfiguration Configuration => running.Configuration;

    public TargetConfiguration Export() => running.Status.Effective(running.Configuration);

    public string ETag => _etag;

    public bool KeepsChanges => store is not null;

    public IReadOnlyList<HistoryEntry> History => _entries;

    /// <summary>The reason, as a sentence, why the target does not run the configuration file; null when it does or when there is no file.
    /// <see cref="ReloadAsync"/> sets it, until the file is correct again.</summary>
    public string? FileFault { get; private set; }

    /// <summary>Sets the initial configuration as the running one.</summary>
    /// <param name="version">The version of the stored document that was read; empty without a store.</param>
    public void Begin(string version)
    {
        _version = version;
        _etag = ConfigurationETag.Of(running.Configuration);
        if (history.Entries is not [{ } last, ..] || last.ETag != _etag)
            history.Add(running.Configuration, _etag, time.GetUtcNow(), "Started with this configuration.");
        _entries = history.Entries;
    }

    public ConfigurationPlan Plan(TargetConfiguration wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);

        // Reads both values together, because a change can run at the same time.
        TargetConfiguration from = running.Configuration;
        TargetConfiguration to = wanted.Normalize();
        return PlanFrom(from, ConfigurationETag.Of(from), to, ConfigurationETag.Of(to), ConfigurationFile.Check(wanted, rules));
    }

    public Task<ApplyResult> ApplyAsync(
        TargetConfiguration wanted, string? expectedETag, string requester, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return ApplyAsync(() => wanted, expectedETag, requester, isFromFile: false, cancellationToken);
    }

    public Task<ApplyResult> RollbackAsync(int? number, string requester, CancellationToken cancellationToken) => ApplyAsync(
        () => history.Find(number) ?? throw new ConfigurationException(number is null
            ? "There is no configuration before the running one."
            : $"There is no configuration {number} in the history; there are {string.Join(", ", _entries.Select(entry => entry.Number))}."),
        expectedETag: null,
        $"{requester}, by a rollback{(number is null ? "" : $" to configuration {number}")}",
        isFromFile: false,
        cancellationToken);

    /// <summary>Applies the configuration file. A file with errors changes nothing; <see cref="FileFault"/> and one log line describe the
    /// error. The same error is not logged again.</summary>
    /// <returns>The result; null when the file cannot be read or has errors.</returns>
    public async Task<ApplyResult?> ReloadAsync(Func<ConfigurationReading> read, CancellationToken cancellationToken)
    {
        ConfigurationReading reading;
        try
        {
            reading = read();
        }
        catch (ConfigurationException exception)
        {
            SetFileFault(exception.Message);
            return null;
        }
        if (!reading.IsSound)
        {
            SetFileFault(ConfigurationSentences.Fault(Name, reading.Problems));
            return null;
        }
        if (ConfigurationETag.Of(reading.Configuration!) == _etag)
        {
            _version = reading.Version;
            SetFileFault(null);
            return Unchanged();
        }
        ApplyResult result = await ApplyAsync(
            () => reading.Configuration!,
            expectedETag: null,
            $"the file {Name}",
            isFromFile: true,
            cancellationToken).ConfigureAwait(false);
        if (result.IsSuccess)
            _version = reading.Version;
        if (result.Outcome == ApplyOutcome.Applied && reading.Problems is [{ } first, ..])
            LogWarnings(logger, Name, ConfigurationSentences.Counted(reading.Problems.Count, "warning", "warnings"), first);
        SetFileFault(result.IsSuccess ? null : $"{Name} cannot be applied: {result.Reason}");
        return result;
    }

    /// <summary>Retries the namespaces and ports that are not served yet.</summary>
    /// <returns>True when some are still not served.</returns>
    public async Task<bool> HealAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isClosed)
                return false;
            running.Heal();
            return running.IsWaiting;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Checks whether disks have changed their size, and notifies the hosts.</summary>
    public async Task RefreshSizesAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_isClosed)
                running.RefreshSizes();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Waits for the running change and prevents further ones.</summary>
    public async Task CloseAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _isClosed = true;
        _gate.Release();
    }

    private string Name => store?.Name ?? "";

    private ApplyResult Unchanged()
    {
        var plan = new ConfigurationPlan { FromETag = _etag, ToETag = _etag };
        return new ApplyResult { Outcome = ApplyOutcome.Unchanged, ETag = _etag, Plan = plan };
    }

    private async Task<ApplyResult> ApplyAsync(
        Func<TargetConfiguration> find, string? expectedETag, string requester, bool isFromFile, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isClosed)
                throw new ConfigurationException("The server stops; nothing is changed any more.");
            TargetConfiguration wanted = find();
            TargetConfiguration to = wanted.Normalize();

            // Serializes the configuration once. A large text is the largest cost of a change, and its garbage collection delays I/O.
            string text = ConfigurationFile.Write(to);
            ConfigurationPlan plan = PlanFrom(
                running.Configuration, _etag, to, ConfigurationETag.OfText(text), ConfigurationFile.Check(wanted, rules));
            ApplyResult result = new() { Outcome = ApplyOutcome.Unchanged, ETag = _etag, Plan = plan };
            if (expectedETag is not null && expectedETag != _etag)
            {
                return result with
                {
                    Outcome = ApplyOutcome.Conflict,
                    Reason = $"The running configuration is {_etag}, and not {expectedETag}: somebody else changed it. Look at it and try "
                        + "again.",
                };
            }
            if (!plan.IsSound)
            {
                ConfigurationProblem first = plan.Problems.First(problem => problem.Severity == ProblemSeverity.Error);
                return result with { Outcome = ApplyOutcome.Invalid, Reason = first.ToString() };
            }
            return plan.IsEmpty
                ? result
                : await CarryOutAsync(to, text, result, requester, isFromFile, cancellationToken).ConfigureAwait(false);
        }
        catch (ConfigurationException exception)
        {
            ConfigurationPlan none = Unchanged().Plan;
            return new ApplyResult { Outcome = ApplyOutcome.Failed, ETag = _etag, Plan = none, Reason = exception.Message };
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<ApplyResult> CarryOutAsync(
        TargetConfiguration wanted, string text, ApplyResult result, string requester, bool isFromFile,
        CancellationToken cancellationToken)
    {
        ConfigurationPlan plan = result.Plan;
        try
        {
            await running.ChangeAsync(wanted, () => Persist(wanted, text, plan, requester, isFromFile), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ConfigurationException exception)
        {
            return result with { Outcome = ApplyOutcome.Failed, Reason = exception.Message };
        }
        finally
        {
            _entries = history.Entries;
        }
        _etag = plan.ToETag;
        LogChanged(logger, _etag, store is null ? "until the server stops" : $"kept in {Name}", requester,
            ConfigurationSentences.Changes(plan.Changes, LoggedChanges));
        if (!isFromFile)
            SetFileFault(null);
        return result with { Outcome = ApplyOutcome.Applied, ETag = _etag };
    }

    // Writes the history first, so that every written file has an entry even after a crash between the two.
    private void Persist(TargetConfiguration wanted, string text, ConfigurationPlan plan, string requester, bool isFromFile)
    {
        history.Add(wanted, text, plan.ToETag, time.GetUtcNow(), ConfigurationSentences.Changes(plan.Changes, most: 1), requester);
        if (store is null || isFromFile)
            return;
        try
        {
            _version = ConfigurationFile.TryWrite(store, text, _version) ?? throw new ConfigurationException(FileFault is { } fault
                ? $"{fault} A change would overwrite it; correct the file first, or replace it by the running configuration (export)."
                : $"{store.Name} cannot be written: it was changed or removed, and the server has not read it since, so the change would "
                    + "overwrite an edit. Reload the server first.");
        }
        catch (ConfigurationException)
        {
            history.RemoveLast();
            throw;
        }
    }

    private void SetFileFault(string? fault)
    {
        if (fault == FileFault)
            return;
        FileFault = fault;
        if (fault is null)
            LogFileCorrect(logger, Name);
        else
            LogFileFault(logger, fault);
    }

    private ConfigurationPlan PlanFrom(
        TargetConfiguration from,
        string fromETag,
        TargetConfiguration to,
        string toETag,
        ConfigurationList<ConfigurationProblem> problems) => new()
        {
            FromETag = fromETag,
            ToETag = toETag,
            Changes = ConfigurationDiffer.Compare(from, to, () => running.Status.Effective(from)),
            RemovesEverything = (from.Subsystems.Count != 0 && to.Subsystems.Count == 0) || (from.Ports.Count != 0 && to.Ports.Count == 0),
            Problems = problems,
        };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Fault} The running configuration stays as it is until the file is correct")]
    private static partial void LogFileFault(ILogger logger, string fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} is correct again and in force")]
    private static partial void LogFileCorrect(ILogger logger, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} has {Warnings}. The first is: {Problem}")]
    private static partial void LogWarnings(ILogger logger, string file, string warnings, ConfigurationProblem problem);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Configuration {ETag} is in force ({Lifetime}), changed by {Requester}: {Changes}")]
    private static partial void LogChanged(ILogger logger, string etag, string lifetime, string requester, string changes);
}
