using System.CommandLine;

namespace ManagedNvmet.Server.Verbs;

/// <summary>Verbs about one kind of object, such as <c>host add</c> and <c>host remove</c>.</summary>
internal static class VerbGroup
{
    /// <param name="name">The word that is typed first.</param>
    /// <param name="description">One sentence without a full stop.</param>
    /// <param name="verbs">The second words.</param>
    public static Command Of(string name, string description, params Verb[] verbs)
    {
        var group = new Command(name, description);
        foreach (Verb verb in verbs)
            group.Add(verb.Command);
        return group;
    }
}
