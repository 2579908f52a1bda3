namespace ManagedNvmet.Backends;

/// <summary>Finds the word that a person probably meant.</summary>
public static class Suggestion
{
    /// <summary>The known word that is nearest to <paramref name="word"/>, or null when none is near.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="known">What could have been written, at least one word.</param>
    public static string? Nearest(string word, IReadOnlyCollection<string> known)
    {
        // Whoever wrote the first letters only: "info".
        string[] longer = [.. known.Where(each => word.Length > 1 && each.StartsWith(word, StringComparison.OrdinalIgnoreCase))];
        if (longer is [{ } only])
            return only;
        string nearest = known.MinBy(each => Distance(word, each))!;
        return Distance(word, nearest) <= 1 + (nearest.Length / 3) ? nearest : null;
    }

    // Letters to add, drop or change to turn one word into the other.
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
