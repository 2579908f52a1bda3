using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace ManagedNvmet.Management.Api;

/// <summary>How errors become JSON (RFC 9457). Apart from <see cref="ManagementJson"/>, so that the command line needs no ASP.NET
/// Core.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ProblemJson : JsonSerializerContext
{
}
