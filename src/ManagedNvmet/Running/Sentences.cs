namespace ManagedNvmet.Running;

/// <summary>Makes the text of an exception for a person.</summary>
internal static class Sentences
{
    /// <summary>Removes the part of the message that .NET adds to an ArgumentException, which does not help the user of the
    /// server.</summary>
    public static string Of(Exception exception) => exception is ArgumentException { ParamName: { } name }
        ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : exception.Message;
}
