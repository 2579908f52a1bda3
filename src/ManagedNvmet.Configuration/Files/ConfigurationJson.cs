using System.Text.Encodings.Web;
using System.Text.Json;

namespace ManagedNvmet.Configuration;

/// <summary>How configuration files are written.</summary>
internal static class ConfigurationJson
{
    /// <summary>The group of an object that holds what nvmetcli does not know. It ignores the group when it restores a file.</summary>
    public const string OwnGroup = "managed_nvmet";

    // The file is not part of a web page, so characters such as + need no escape.
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = Encoder };
}
