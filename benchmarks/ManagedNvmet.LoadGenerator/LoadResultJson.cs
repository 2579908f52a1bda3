using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Source-generated JSON serialization of results, because NativeAOT does not support reflection-based serialization.</summary>
[JsonSerializable(typeof(LoadResult))]
internal sealed partial class LoadResultJson : JsonSerializerContext
{
    /// <summary>Serializes with camel-case names, on one line, and without escapes for characters that need none.</summary>
    public static LoadResultJson Readable { get; } =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
