using System.Security.Cryptography;
using System.Text;

namespace ManagedNvmet.Configuration;

/// <summary>Names the content of a configuration.</summary>
public static class ConfigurationETag
{
    /// <summary>16 hexadecimal digits; the same for configurations that mean the same.</summary>
    public static string Of(TargetConfiguration configuration) =>
        OfText(ConfigurationFile.Write(configuration));

    /// <summary>The name of a configuration that is written already.</summary>
    internal static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
}
