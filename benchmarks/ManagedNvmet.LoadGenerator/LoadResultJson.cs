using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ManagedNvmet.LoadGenerator;

/// <summary>How a result is written and read: made when the tool is compiled, since native code cannot look at types while it runs.</summary>
[JsonSerializable(typeof(LoadResult))]
internal sealed partial class LoadResultJson : JsonSerializerContext
{
    /// <summary>Camel case, one line, and names and messages as they are.</summary>
    public static LoadResultJson Readable { get; } =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
