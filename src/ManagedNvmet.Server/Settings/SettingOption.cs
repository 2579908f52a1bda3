using System.CommandLine;

namespace ManagedNvmet.Server.Settings;

/// <summary>The option of the command line for a setting.</summary>
internal sealed class SettingOption
{
    private readonly Setting _setting;

    /// <param name="setting">A row with an option.</param>
    public SettingOption(Setting setting)
    {
        _setting = setting;
        string[] aliases = setting.OptionAlias is { } alias ? [alias] : [];
        string range = char.IsAsciiDigit(setting.Range[0]) ? ": " + setting.Range : "";
        string description = $"{setting.Help}{range}.{(setting.IsList ? " Repeatable." : "")} Default: {setting.Default}";
        Option = setting.IsList
            ? new Option<string[]>(setting.Option!, aliases) { Description = description, HelpName = setting.HelpName }
            : new Option<string>(setting.Option!, aliases) { Description = description, HelpName = setting.HelpName };
    }

    /// <summary>The option.</summary>
    public Option Option { get; }

    /// <summary>The value that was typed; null when none was.</summary>
    public SettingOrigin? Read(ParseResult result)
    {
        if (result.GetResult(Option) is not { Implicit: false } typed)
            return null;
        string value = string.Join(',', typed.Tokens.Select(token => token.Value));
        return new SettingOrigin(_setting, value, _setting.Option!, _setting.Option!);
    }
}
