using System.Text.Json;
using System.Text.Json.Serialization;

namespace ManagedNvmet.Backends.Identities;

/// <summary>How identities become JSON: generated code, since a program that is compiled ahead has no other.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(IdentityFile))]
internal sealed partial class IdentityJson : JsonSerializerContext
{
}
