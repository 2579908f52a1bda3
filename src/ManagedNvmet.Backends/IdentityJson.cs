using System.Text.Json;
using System.Text.Json.Serialization;

namespace ManagedNvmet.Backends;

/// <summary>How identities become JSON: generated code, since a program that is compiled ahead has no other.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(IdentityFile))]
internal sealed partial class IdentityJson : JsonSerializerContext
{
}
