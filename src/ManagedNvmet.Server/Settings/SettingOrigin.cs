namespace ManagedNvmet.Server.Settings;

/// <summary>A value of a setting and the place that it comes from.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Value">The value as text.</param>
/// <param name="Source">The place in short: a file, a variable or an option.</param>
/// <param name="Subject">The place as the subject of a sentence.</param>
internal sealed record SettingOrigin(Setting Setting, string Value, string Source, string Subject);
