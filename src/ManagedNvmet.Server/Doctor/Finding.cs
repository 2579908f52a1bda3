namespace ManagedNvmet.Server.Doctor;

/// <summary>What one check found.</summary>
/// <param name="Grade">How good it is.</param>
/// <param name="Subject">What was looked at, in a word or two.</param>
/// <param name="Text">What was found, in a sentence.</param>
/// <param name="Advice">What to do; null when there is nothing.</param>
internal sealed record Finding(FindingGrade Grade, string Subject, string Text, string? Advice = null)
{
    public static Finding Good(string subject, string text) => new(FindingGrade.Good, subject, text);

    public static Finding Hint(string subject, string text, string? advice = null) => new(FindingGrade.Hint, subject, text, advice);

    public static Finding Bad(string subject, string text, string advice) => new(FindingGrade.Bad, subject, text, advice);
}
