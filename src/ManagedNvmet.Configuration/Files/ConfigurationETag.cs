using System.Security.Cryptography;
using System.Text;

namespace ManagedNvmet.Configuration;

/// <summary>Computes the ETag of a configuration.</summary>
public static class ConfigurationETag
{
    /// <summary>16 hexadecimal digits; the same for configurations that mean the same.</summary>
    public static string Of(TargetConfiguration configuration) =>
        OfText(ConfigurationFile.Write(configuration));

    /// <summary>The ETag of a configuration that has already been written as text.</summary>
    internal static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
}
