namespace ManagedNvmet.Server.Settings;

/// <summary>One setting of the process: a row of <see cref="SettingTable"/>. Reading, <c>--help</c>, <c>status --settings</c>,
/// docs/reference/settings.md and the sample file come from the row.</summary>
internal sealed record Setting
{
    /// <summary>Prefix of the environment variables.</summary>
    public const string VariablePrefix = "MANAGED_NVMET_";

    /// <summary>Name in files and behind <c>--set</c>; sections are separated by colons.</summary>
    public required string Key { get; init; }

    /// <summary>One sentence without a full stop.</summary>
    public required string Help { get; init; }

    /// <summary>The values that are accepted, with their unit, as they follow "expected" in an error.</summary>
    public required string Range { get; init; }

    /// <summary>The option of the command line, such as <c>--shards</c>; null for <c>--set</c> alone.</summary>
    public string? Option { get; init; }

    /// <summary>A second name of the option.</summary>
    public string? OptionAlias { get; init; }

    /// <summary>The placeholder of the value in the help.</summary>
    public string HelpName { get; init; } = "VALUE";

    /// <summary>The setting holds any number of values: an array in a file, a comma between values elsewhere, a repeated option.</summary>
    public bool IsList { get; init; }

    /// <summary>The names that libraries use for the setting in their messages, such as <c>TargetLimits.MaxIoQueues</c>.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>The default in words, where it depends on the machine; null for the value of <see cref="Show"/>.</summary>
    public string? DefaultText { get; init; }

    /// <summary>The value as text, in the form that <see cref="Apply"/> reads.</summary>
    public required Func<ServerSettings, string> Show { get; init; }

    /// <summary>Reads and sets the value.</summary>
    /// <returns>Null, or the fault: the end of a sentence that begins with the source of the value.</returns>
    public required Func<ServerSettings, string, string?> Apply { get; init; }

    /// <summary>The environment variable.</summary>
    public string Variable => VariablePrefix + Key.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>The default, for the help and the documents.</summary>
    public string Default => DefaultText ?? Show(new ServerSettings());
}
