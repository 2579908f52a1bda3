using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The option <c>--last COUNT</c> of verbs that list the newest entries.</summary>
internal static class LastOption
{
    private const int DefaultCount = 20;

    /// <param name="what">The entries, in the plural.</param>
    public static Option<int> Of(string what) => new("--last")
    {
        Description = $"How many of the last {what}, 0 to 1000",
        DefaultValueFactory = _ => DefaultCount,
        HelpName = "COUNT",
    };
}
