using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>How one kind of value stands in a file.</summary>
/// <param name="Expected">What may stand there, for a message: "a number from 1 to 65519".</param>
/// <param name="Read">Takes a value from the file; false when it is none of this kind.</param>
/// <param name="Write">What is written; null for nothing.</param>
/// <param name="Schema">JSON schema of the value.</param>
internal sealed record ValueCodec<T>(string Expected, ValueCodec<T>.Reader Read, Func<T, JsonNode?> Write, Func<JsonObject> Schema)
{
    public delegate bool Reader(JsonTree value, out T result);

    /// <summary>True for a value that can stand in a file. A program can make others, such as a number out of range.</summary>
    public Func<T, bool> IsValid { get; init; } = static _ => true;

    /// <summary>The allowed words, for a value that is one of a few words; otherwise empty.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}
