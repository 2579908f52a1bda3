namespace ManagedNvmet.Running;

/// <summary>What a person reads of an exception.</summary>
internal static class Sentences
{
    /// <summary>What .NET adds to the message of an argument's exception means nothing to the person who started the server.</summary>
    public static string Of(Exception exception) => exception is ArgumentException { ParamName: { } name }
        ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : exception.Message;
}
