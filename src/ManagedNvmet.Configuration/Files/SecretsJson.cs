using System.Text.Json.Serialization;

namespace ManagedNvmet.Configuration;

/// <summary>How keys become JSON, and are read: generated code, since a program that is compiled ahead has no other.</summary>
[JsonSerializable(typeof(Dictionary<string, string?>))]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class SecretsJson : JsonSerializerContext
{
}
