using ManagedNvmet.Backends;
using ManagedNvmet.Management.Api;
using Microsoft.Extensions.Configuration;

namespace ManagedNvmet.Server.Settings;

/// <summary>Reads the settings from files, the environment and the command line; a later place overrides an earlier one. Values are texts
/// that the rows of <see cref="SettingTable"/> read: no reflection, so that the program can be compiled ahead.</summary>
internal static class SettingReader
{
    /// <summary>The file of settings of a machine.</summary>
    public const string MachineFile = "/etc/managed-nvmet/appsettings.json";

    private const string FileName = "appsettings.json";

    // A variable of the verbs, which names the server.
    private const string ServerVariable = "SERVER";

    /// <summary>The files that are read without being asked for, where they exist.</summary>
    public static IEnumerable<string> DefaultFiles =>
        ((string[])[Path.Combine(AppContext.BaseDirectory, FileName), MachineFile]).Where(File.Exists);

    /// <summary>The values of a file.</summary>
    /// <exception cref="UsageException">The file cannot be read, or names a setting that does not exist.</exception>
    public static IReadOnlyList<SettingOrigin> ReadFile(string path)
    {
        try
        {
            IConfiguration file =
                new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(path), optional: false, reloadOnChange: false).Build();
            return Origins(file, path, setting => (path, $"{setting.Key} in {path}"));
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            throw new UsageException($"The settings of {path} cannot be read: {Innermost(exception).Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>The values of the environment.</summary>
    /// <exception cref="UsageException">A variable names a setting that does not exist.</exception>
    public static IReadOnlyList<SettingOrigin> ReadEnvironment() => Origins(
        new ConfigurationBuilder().AddEnvironmentVariables(Setting.VariablePrefix).Build(),
        "the environment",
        setting => (setting.Variable, $"The variable {setting.Variable}"));

    /// <summary>The value of <c>--set NAME=VALUE</c>.</summary>
    /// <exception cref="UsageException">The text has another form, or there is no such setting.</exception>
    public static SettingOrigin ReadAssignment(string text)
    {
        int sign = text.IndexOf('=', StringComparison.Ordinal);
        if (sign <= 0)
            throw new UsageException($"--set is '{text.ReplaceLineEndings(" ")}', expected NAME=VALUE, such as Connections:Max=1000.");
        Setting setting = Find(text[..sign], "--set");
        return new SettingOrigin(setting, text[(sign + 1)..], $"--set {setting.Key}", $"--set {setting.Key}");
    }

    /// <summary>Sets the values, one after the other.</summary>
    /// <param name="origins">The values, the most important last.</param>
    /// <param name="settings">Receives the values.</param>
    /// <returns>All settings with the place that each value comes from.</returns>
    /// <exception cref="UsageException">A value is wrong; the message names its place, the value and what is expected.</exception>
    public static IReadOnlyList<SettingReport> Apply(IEnumerable<SettingOrigin> origins, ServerSettings settings)
    {
        Dictionary<Setting, string> sources = [];
        foreach (SettingOrigin origin in origins)
        {
            if (origin.Setting.Apply(settings, origin.Value) is { } fault)
                throw new UsageException(origin.Subject + fault);
            sources[origin.Setting] = origin.Source;
        }
        if (settings.Contradiction() is { } contradiction)
            throw new UsageException(contradiction);
        return
        [
            .. SettingTable.All.Select(setting => new SettingReport(
                setting.Key,
                sources.ContainsKey(setting) || setting.DefaultText is null || setting.Show(settings).Length > 0
                    ? setting.Show(settings)
                    : setting.DefaultText,
                sources.GetValueOrDefault(setting, "default"))),
        ];
    }

    private static List<SettingOrigin> Origins(
        IConfiguration configuration, string place, Func<Setting, (string Source, string Subject)> describe)
    {
        List<SettingOrigin> origins = [];
        foreach (IGrouping<Setting, string> group in configuration.AsEnumerable()
            .Where(pair => !string.IsNullOrEmpty(pair.Value) && pair.Key != ServerVariable)
            .OrderBy(pair => pair.Key, ConfigurationKeyComparer.Instance)
            .Select(pair => (Setting: Find(pair.Key, place), Value: pair.Value!))
            .GroupBy(pair => pair.Setting, pair => pair.Value))
        {
            (string source, string subject) = describe(group.Key);
            origins.Add(new SettingOrigin(group.Key, string.Join(',', group), source, subject));
        }
        return origins;
    }

    private static Setting Find(string key, string place)
    {
        if (SettingTable.Find(key) is { } found)
            return found;

        // An element of an array: its index is the last part.
        int colon = key.LastIndexOf(':');
        if (colon > 0 && int.TryParse(key.AsSpan(colon + 1), out _) && SettingTable.Find(key[..colon]) is { IsList: true } list)
            return list;
        string[] known = [.. SettingTable.All.Select(setting => setting.Key)];
        string suggestion = Suggestion.Nearest(key, known) is { } nearest ? $" Did you mean {nearest}?" : "";
        throw new UsageException(
            $"There is no setting '{key.ReplaceLineEndings(" ")}' ({place}).{suggestion} 'managed-nvmet settings' lists all.");
    }

    private static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;
}
