using ManagedNvmet.Configuration;
using ManagedNvmet.Running;

namespace ManagedNvmet;

public sealed partial class NvmetServer
{
    private const string HistoryFolder = "history";

    private readonly Lock _healingGate = new();

    private ConfigurationRules Rules => new()
    {
        MaxNamespaceId = _options.Limits.MaxNamespaces,
        MaxAnaGroup = Math.Min(_options.Limits.MaxAnaGroups, ConfigurationRules.Default.MaxAnaGroup),
        Backends = _options.AllBackends,
        OwnDevices = [.. OwnDevices().Keys],
    };

    private static TargetConfiguration Sound(ConfigurationReading reading, string name)
    {
        if (reading.IsSound)
            return reading.Configuration!;
        string[] errors =
        [
            .. reading.Problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(problem => problem.ToString()),
        ];
        string count = errors.Length == 1 ? "an error" : $"{errors.Length} errors";
        throw new StartupException($"{name} has {count} and is not served.", errors);
    }

    private Dictionary<string, BlockDevice> OwnDevices()
    {
        var devices = new Dictionary<string, BlockDevice>(_options.Devices, StringComparer.Ordinal);
        foreach ((NamespaceOptions wanted, uint id) in QuickStart.Number(_options.Namespaces))
        {
            if (wanted.Device is { } own)
                devices[QuickStart.NameOf(wanted, id)] = own;
        }
        return devices;
    }

    /// <summary>Reads the stored configuration, and moves keys that it contains into the file of secrets.</summary>
    private ConfigurationReading ReadStore(bool log)
    {
        ConfigurationReading reading = ConfigurationFile.Load(_store!, Rules);
        SecretsFile secrets = SecretsFile.Load(Path.Combine(StateFolder, SecretsFile.FileName));
        if (reading.IsSound)
            secrets.With(reading.Secrets);
        if (!log)
            return reading;
        foreach (ConfigurationProblem problem in reading.Problems)
        {
            if (problem.Severity == ProblemSeverity.Warning)
                LogProblem(_logger, _store!.Name, problem);
        }
        return reading;
    }

    // A configuration of the command line or of the program is checked by the same rules as a file.
    private void LogWarnings(TargetConfiguration configuration)
    {
        foreach (ConfigurationProblem problem in ConfigurationFile.Check(configuration, Rules))
        {
            if (problem.Severity == ProblemSeverity.Warning)
                LogProblem(_logger, "The configuration", problem);
        }
    }

    private void OnFileChanged() => _ = ReloadQuietlyAsync();

    private async Task ReloadQuietlyAsync()
    {
        try
        {
            await ReloadAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The server stops.
        }
    }

    private ApplyResult Healing(ApplyResult result)
    {
        StartHealing();
        return result;
    }

    // The clock runs only while something is waited for.
    private void StartHealing()
    {
        lock (_healingGate)
        {
            if (_running!.IsWaiting && _healing.IsCompleted && !_stopping.IsCancellationRequested)
                _healing = HealUntilDoneAsync(_stopping.Token);
        }
    }

    // Nothing tells a process that a block device has grown.
    private async Task WatchSizesAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(_options.SizeInterval, _options.Time);
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
                await Control.RefreshSizesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task HealUntilDoneAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(_options.HealInterval, _options.Time);
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!await Control.HealAsync(cancellationToken).ConfigureAwait(false))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
