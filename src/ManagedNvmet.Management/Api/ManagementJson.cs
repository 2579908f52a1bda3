using System.Text.Json;
using System.Text.Json.Serialization;
using ManagedNvmet.Configuration;
using ManagedNvmet.Management.Events;
using ManagedNvmet.Status;

namespace ManagedNvmet.Management.Api;

/// <summary>How what the interface says becomes JSON: generated code, the same for server and command line.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Overview))]
[JsonSerializable(typeof(ServerStatus))]
[JsonSerializable(typeof(IReadOnlyList<PortStatus>))]
[JsonSerializable(typeof(IReadOnlyList<SubsystemStatus>))]
[JsonSerializable(typeof(IReadOnlyList<NamespaceStatus>))]
[JsonSerializable(typeof(IReadOnlyList<HostStatus>))]
[JsonSerializable(typeof(IReadOnlyList<SessionStatus>))]
[JsonSerializable(typeof(IReadOnlyList<IoStatistics>))]
[JsonSerializable(typeof(IReadOnlyList<EventRecord>))]
[JsonSerializable(typeof(RefusalReport))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(PlanReport))]
[JsonSerializable(typeof(IReadOnlyList<HistoryEntry>))]
public sealed partial class ManagementJson : JsonSerializerContext
{
}
