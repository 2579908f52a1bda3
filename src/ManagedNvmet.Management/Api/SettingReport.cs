namespace ManagedNvmet.Management.Api;

/// <summary>A setting of the process.</summary>
/// <param name="Name">Its name in files: sections separated by colons.</param>
/// <param name="Value">The value in force.</param>
/// <param name="Source">The file, variable or option that the value comes from, or <c>default</c>.</param>
public sealed record SettingReport(string Name, string Value, string Source);
