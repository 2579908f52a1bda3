namespace ManagedNvmet.Backends;

/// <summary>Suggests the known word that a person probably meant.</summary>
public static class Suggestion
{
    /// <summary>Returns the known word that is most similar to <paramref name="word"/>; null when none is similar.</summary>
    /// <param name="word">The written word.</param>
    /// <param name="known">The valid words, at least one.</param>
    public static string? Nearest(string word, IReadOnlyCollection<string> known)
    {
        // Accepts an unambiguous abbreviation, such as "info".
        string[] longer = [.. known.Where(each => word.Length > 1 && each.StartsWith(word, StringComparison.OrdinalIgnoreCase))];
        if (longer is [{ } only])
            return only;
        string nearest = known.MinBy(each => Distance(word, each))!;
        return Distance(word, nearest) <= 1 + (nearest.Length / 3) ? nearest : null;
    }

    // Levenshtein distance: the number of letters to insert, delete or replace to turn one word into the other.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                bool isSame = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                int change = diagonal + (isSame ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }
}
