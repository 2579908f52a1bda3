using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Server.Settings;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>settings</c> verb. It needs no server; <c>status --settings</c> shows the values of a running one.</summary>
internal sealed class SettingsVerb() : Verb("settings", "Lists the settings of the process, with defaults and ranges")
{
    protected override Task<int> RunAsync(ParseResult result, VerbOutput output, CancellationToken cancellationToken)
    {
        if (output.IsJson)
        {
            output.Line(new JsonArray([.. SettingTable.All.Select(setting => (JsonNode)new JsonObject
            {
                ["name"] = setting.Key,
                ["option"] = setting.Option,
                ["variable"] = setting.Variable,
                ["range"] = setting.Range,
                ["default"] = setting.Default,
                ["help"] = setting.Help,
            })]).ToJsonString());
            return Task.FromResult(ExitCode.Done);
        }
        output.Line(
            $"Set with an option, with --set NAME=VALUE, with a variable ({Setting.VariablePrefix}SHARDS__COUNT for Shards:Count),");
        output.Line($"in {SettingReader.MachineFile}, or in a file that --settings names.");
        foreach (Setting setting in SettingTable.All)
        {
            output.Line("");
            output.Line(setting.Key + (setting.Option is null ? "" : $" ({setting.Option})"));
            output.Line($"  {setting.Help}.");
            output.Line($"  Expected: {setting.Range}. Default: {setting.Default}.");
        }
        return Task.FromResult(ExitCode.Done);
    }
}
