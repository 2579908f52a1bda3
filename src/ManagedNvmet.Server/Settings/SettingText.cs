using System.Text.RegularExpressions;

namespace ManagedNvmet.Server.Settings;

/// <summary>Says in the user's terms which setting a library's message means. Libraries know no option and no file: they name their own
/// properties.</summary>
internal static class SettingText
{
    // Properties that the configuration of the target sets.
    private static readonly (string Identity, string Text)[] Attributes =
    [
        ("SubsystemLimits.MaxControllers", "max_controllers of the subsystem"),
        ("SubsystemOptions.MinControllerId", "attr.cntlid_min of the subsystem"),
        ("SubsystemOptions.MaxControllerId", "attr.cntlid_max of the subsystem"),
        ("SubsystemAccess.DuplicateHosts", "duplicate_hosts of the subsystem"),
        ("Port.MaxConnections", "max_connections of the port"),
        ("Port.MaxControllers", "max_controllers of the port"),
        ("HostRule.HostId (host_id of the host)", "host_id of the host"),
        ("HostRule.SourceNetworks (source_networks of the host)", "source_networks of the host"),
    ];

    private static readonly Dictionary<string, string> Texts = Build();

    // The longest first: a name may be the end of another one.
    private static readonly Regex Names = new(
        $@"(?<![\w.])({string.Join('|', Texts.Keys.OrderByDescending(each => each.Length).Select(Regex.Escape))})(?!\w)",
        RegexOptions.CultureInvariant);

    /// <summary>Replaces the names of properties by the settings that a user can change.</summary>
    public static string Explain(string text) => Names.Replace(text, match => Texts[match.Value]);

    private static Dictionary<string, string> Build()
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Setting setting in SettingTable.All)
        {
            foreach (string identity in setting.Identities)
                texts[identity] = $"the setting {setting.Key} (--set {setting.Key}={setting.HelpName})";
        }
        foreach ((string identity, string text) in Attributes)
            texts[identity] = text;

        // Where one class alone has a property of the name, libraries may leave the class out.
        foreach (IGrouping<string, string> group in texts.Keys.ToArray().Where(each => !each.Contains(' ', StringComparison.Ordinal))
            .GroupBy(identity => identity[(identity.IndexOf('.', StringComparison.Ordinal) + 1)..]))
        {
            if (group.Count() == 1)
                texts[group.Key] = texts[group.Single()];
        }

        // A bare name is a property of TargetLimits where several classes have it.
        foreach (string identity in texts.Keys.Where(each => each.StartsWith("TargetLimits.", StringComparison.Ordinal)).ToArray())
            texts.TryAdd(identity["TargetLimits.".Length..], texts[identity]);
        return texts;
    }
}
