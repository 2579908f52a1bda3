using ManagedNvmet.Configuration;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Running;

/// <summary>Changes what runs: checks, compares, keeps the history and the file.</summary>
internal sealed partial class ConfigurationControl(
    RunningTarget running, ConfigurationRules rules, ConfigurationHistory history, string? file, TimeProvider time, ILogger logger)
    : IConfigurationControl
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _isClosed;
    private volatile IReadOnlyList<HistoryEntry> _entries = [];
    private volatile string _etag = ConfigurationETag.Of(TargetConfiguration.Empty);

    public TargetConfiguration Configuration => running.Configuration;

    public string ETag => _etag;

    public IReadOnlyList<HistoryEntry> History => _entries;

    /// <summary>Takes what was started with as the running configuration.</summary>
    public void Begin()
    {
        _etag = ConfigurationETag.Of(running.Configuration);
        if (history.Entries is not [{ } last, ..] || last.ETag != _etag)
            history.Add(running.Configuration, _etag, time.GetUtcNow(), "Started with this configuration.");
        _entries = history.Entries;
    }

    public ConfigurationPlan Plan(TargetConfiguration wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);

        // Both of one moment: a change may be under way.
        TargetConfiguration from = running.Configuration;
        TargetConfiguration to = wanted.Normalize();
        return PlanFrom(from, ConfigurationETag.Of(from), to, ConfigurationETag.Of(to), ConfigurationFile.Check(wanted, rules));
    }

    public Task<ApplyResult> ApplyAsync(TargetConfiguration wanted, string? expectedETag, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return ApplyAsync(() => wanted, expectedETag, isFromFile: false, cancellationToken);
    }

    public Task<ApplyResult> RollbackAsync(int? number, CancellationToken cancellationToken) => ApplyAsync(
        () => history.Find(number) ?? throw new ConfigurationException(number is null
            ? "There is no configuration before the running one."
            : $"There is no configuration {number} in the history; there are {string.Join(", ", _entries.Select(entry => entry.Number))}."),
        expectedETag: null,
        isFromFile: false,
        cancellationToken);

    /// <summary>Makes the target what the file says. An unsound file changes nothing; its problems are logged.</summary>
    public async Task<ApplyResult?> ReloadAsync(Func<ConfigurationReading> read, CancellationToken cancellationToken)
    {
        ConfigurationReading reading;
        try
        {
            reading = read();
        }
        catch (ConfigurationException exception)
        {
            LogReloadFailed(logger, exception.Message);
            return null;
        }
        if (reading.Configuration is { } same && reading.IsSound && ConfigurationETag.Of(same) == _etag)
            return Unchanged();
        foreach (ConfigurationProblem problem in reading.Problems)
        {
            if (problem.Severity == ProblemSeverity.Error)
                LogError(logger, file ?? "", problem);
            else
                LogWarning(logger, file ?? "", problem);
        }
        if (!reading.IsSound)
        {
            LogReloadFailed(logger, $"{file} has errors.");
            return null;
        }
        ApplyResult result = await ApplyAsync(() => reading.Configuration!, expectedETag: null, isFromFile: true, cancellationToken)
            .ConfigureAwait(false);
        if (result.Outcome == ApplyOutcome.Applied)
            LogReloaded(logger, file ?? "", result.Plan.Changes.Count);
        else if (!result.IsSuccess)
            LogReloadFailed(logger, result.Reason ?? "");
        return result;
    }

    /// <summary>Tries once more what is not there yet.</summary>
    /// <returns>True while something is waited for.</returns>
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

    /// <summary>Looks whether disks have another size than hosts know, and tells these.</summary>
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

    /// <summary>Waits for the change that is under way and lets no other one begin.</summary>
    public async Task CloseAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _isClosed = true;
        _gate.Release();
    }

    private ApplyResult Unchanged()
    {
        var plan = new ConfigurationPlan { FromETag = _etag, ToETag = _etag };
        return new ApplyResult { Outcome = ApplyOutcome.Unchanged, ETag = _etag, Plan = plan };
    }

    private async Task<ApplyResult> ApplyAsync(
        Func<TargetConfiguration> find, string? expectedETag, bool isFromFile, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isClosed)
                throw new ConfigurationException("The server stops; nothing is changed any more.");
            TargetConfiguration wanted = find();
            TargetConfiguration to = wanted.Normalize();

            // Written once: a large configuration as text is what a change costs most, and the collector then costs those who read and write.
            string text = ConfigurationFile.Write(to);
            ConfigurationPlan plan = PlanFrom(
                running.Configuration, _etag, to, ConfigurationETag.OfText(text), ConfigurationFile.Check(wanted, rules));
            ApplyResult result = new() { Outcome = ApplyOutcome.Unchanged, ETag = _etag, Plan = plan };
            if (expectedETag is not null && expectedETag != _etag)
            {
                return result with
                {
                    Outcome = ApplyOutcome.Conflict,
                    Reason = $"The running configuration is {_etag}, and not {expectedETag}: somebody else changed it. Look at it and try again.",
                };
            }
            if (!plan.IsSound)
            {
                ConfigurationProblem first = plan.Problems.First(problem => problem.Severity == ProblemSeverity.Error);
                return result with { Outcome = ApplyOutcome.Invalid, Reason = first.ToString() };
            }
            return plan.IsEmpty ? result : await CarryOutAsync(to, text, result, isFromFile, cancellationToken).ConfigureAwait(false);
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
        TargetConfiguration wanted, string text, ApplyResult result, bool isFromFile, CancellationToken cancellationToken)
    {
        ConfigurationPlan plan = result.Plan;
        try
        {
            await running.ChangeAsync(wanted, () => Persist(wanted, text, plan, isFromFile), cancellationToken).ConfigureAwait(false);
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
        return result with { Outcome = ApplyOutcome.Applied, ETag = _etag };
    }

    // The history first: a file that is written has an entry then, whatever happens in between.
    private void Persist(TargetConfiguration wanted, string text, ConfigurationPlan plan, bool isFromFile)
    {
        ConfigurationChange first = plan.Changes[0];
        string more = plan.Changes.Count > 1 ? $" and {plan.Changes.Count - 1} more" : "";
        history.Add(wanted, text, plan.ToETag, time.GetUtcNow(), $"{first.Subject}: {first.Kind.ToString().ToLowerInvariant()} {first.Text}{more}");
        if (file is null || isFromFile)
            return;
        try
        {
            ConfigurationFile.SaveText(file, text);
        }
        catch (ConfigurationException)
        {
            history.RemoveLast();
            throw;
        }
    }

    private static ConfigurationPlan PlanFrom(
        TargetConfiguration from, string fromETag, TargetConfiguration to, string toETag, ConfigurationList<ConfigurationProblem> problems) => new()
        {
            FromETag = fromETag,
            ToETag = toETag,
            Changes = ConfigurationDiffer.Compare(from, to),
            Problems = problems,
        };

    [LoggerMessage(Level = LogLevel.Error, Message = "The running configuration stays as it is: {Reason}")]
    private static partial void LogReloadFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{File}, {Problem}")]
    private static partial void LogError(ILogger logger, string file, ConfigurationProblem problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File}, {Problem}")]
    private static partial void LogWarning(ILogger logger, string file, ConfigurationProblem problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} is in force with {Count} changes")]
    private static partial void LogReloaded(ILogger logger, string file, int count);
}
