using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace ManagedNvmet.Management.Api;

/// <summary>Source-generated JSON serialization of errors (RFC 9457). It is separate from <see cref="ManagementJson"/>, so that the
/// command line does not load ASP.NET Core.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ProblemJson : JsonSerializerContext
{
}
