namespace ManagedNvmet.Configuration;

/// <summary>A configuration cannot be read, written or taken. The message is a sentence for a person.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>With the sentence.</summary>
    public ConfigurationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
