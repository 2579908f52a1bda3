using System.Text;
using System.Text.Json;
using ManagedNvmet.Server.Settings;

namespace ManagedNvmet.Server.Tests;

/// <summary>Writes the reference of the settings and the sample file from the table of settings.</summary>
internal static class SettingDocuments
{
    public static string Reference()
    {
        var text = new StringBuilder();
        text.Append($"""
            # Settings

            Settings of the process, in the order in which a later place overrides an earlier one:

            1. `appsettings.json` beside the program, then `{SettingReader.MachineFile}`, then the files that `--settings FILE` names
               ([a sample](../../packaging/appsettings.json))
            2. variables: `{Setting.VariablePrefix}SHARDS__COUNT=4` for `Shards:Count`
            3. options of the command line: those of the table, and `--set Connections:Max=1000` for every setting

            A wrong value or name ends the start with exit code 2 and one line: the place, the value and what is expected.
            `managed-nvmet status --settings` shows the values in force and where each comes from, `status --json` too.
            `managed-nvmet settings` prints this table. Sizes take K, M and G (powers of 1024).

            | Setting | What | Accepted | Default | Option |
            |---|---|---|---|---|

            """);
        foreach (Setting setting in SettingTable.All)
        {
            string option = setting.Option is null ? "" : $"`{setting.Option}`";
            text.Append($"| `{setting.Key}` | {Cell(setting.Help)} | {Cell(setting.Range)} | {Cell(setting.Default)} | {option} |\n");
        }
        return text.ToString();
    }

    /// <summary>Every setting with its default, as a comment: the file changes nothing until a line is uncommented.</summary>
    public static string Sample()
    {
        var text = new StringBuilder();
        text.Append("// Settings of managed-nvmet. Remove the // in front of a line to change a setting; docs/reference/settings.md "
            + "explains all.\n{\n");
        foreach (IGrouping<string, Setting> section in SettingTable.All.GroupBy(setting => setting.Key[..setting.Key.IndexOf(':')]))
        {
            text.Append($"  \"{section.Key}\": {{\n");
            foreach (Setting setting in section)
            {
                string name = setting.Key[(section.Key.Length + 1)..];
                text.Append($"    // {setting.Help}.\n    // Accepted: {setting.Range}. Default: {setting.Default}.\n");
                text.Append($"    // \"{name}\": {Json(setting)},\n");
            }
            text.Append("  },\n");
        }
        return text.Append("}\n").ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string Json(Setting setting)
    {
        string value = setting.DefaultText is null ? setting.Show(new ServerSettings()) : "";
        bool isBare = value is "true" or "false" || (value.Length > 0 && value.All(char.IsAsciiDigit));
        string text = isBare ? value : "\"" + JsonEncodedText.Encode(value) + "\"";
        return setting.IsList ? $"[{text}]" : text;
    }
}
