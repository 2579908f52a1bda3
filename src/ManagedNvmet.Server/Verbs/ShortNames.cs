namespace ManagedNvmet.Server.Verbs;

/// <summary>Shortens NQNs for tables, so that different names stay different.</summary>
internal static class ShortNames
{
    private const string NqnPrefix = "nqn.";
    private const string UuidPrefix = "uuid:";
    private const int UuidHead = 8;
    private const int UuidTail = 4;
    private const int UuidLength = 36;

    /// <summary>The short forms, in the order of the names. A name that is no NQN stays as it is.</summary>
    /// <param name="names">The names of one column.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> names)
    {
        string[] distinct = [.. names.Distinct(StringComparer.Ordinal)];
        var forms = distinct.ToDictionary(name => name, Short, StringComparer.Ordinal);
        foreach (Func<string, string> longer in (Func<string, string>[])[Tail, static name => name])
        {
            IEnumerable<IGrouping<string, string>> groups = distinct.GroupBy(name => forms[name], StringComparer.Ordinal);
            string[] doubled = [.. groups.Where(group => group.Count() > 1).SelectMany(group => group)];
            foreach (string name in doubled)
                forms[name] = longer(name);
        }
        return [.. names.Select(name => forms[name])];
    }

    /// <summary>Removes characters from the middle of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Characters at most, at least 3.</param>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length)
            return text;
        int tail = (length - 1) / 2;
        return string.Concat(text.AsSpan(0, length - 1 - tail), "…", text.AsSpan(text.Length - tail));
    }

    private static string Short(string name)
    {
        string tail = Tail(name);
        return tail.StartsWith(UuidPrefix, StringComparison.Ordinal) && tail.Length == UuidPrefix.Length + UuidLength
            ? string.Concat(tail.AsSpan(0, UuidPrefix.Length + UuidHead), "…", tail.AsSpan(tail.Length - UuidTail))
            : tail;
    }

    // The part behind the date and the reversed domain name, which is what differs at one site.
    private static string Tail(string name)
    {
        int colon = name.StartsWith(NqnPrefix, StringComparison.Ordinal) ? name.IndexOf(':', StringComparison.Ordinal) : -1;
        return colon >= 0 && colon < name.Length - 1 ? name[(colon + 1)..] : name;
    }
}
