using System.Text.Json;
using System.Text.Json.Serialization;
using ManagedNvmet.Configuration;
using ManagedNvmet.Management.Events;
using ManagedNvmet.Reports;

namespace ManagedNvmet.Management.Api;

/// <summary>Source-generated JSON serialization of the management interface. The server and the command line share it.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Overview))]
[JsonSerializable(typeof(ServerReport))]
[JsonSerializable(typeof(IReadOnlyList<PortReport>))]
[JsonSerializable(typeof(IReadOnlyList<SubsystemReport>))]
[JsonSerializable(typeof(IReadOnlyList<NamespaceReport>))]
[JsonSerializable(typeof(IReadOnlyList<HostReport>))]
[JsonSerializable(typeof(IReadOnlyList<SessionReport>))]
[JsonSerializable(typeof(IReadOnlyList<IoStatistics>))]
[JsonSerializable(typeof(IReadOnlyList<EventRecord>))]
[JsonSerializable(typeof(EventRecord))]
[JsonSerializable(typeof(RefusalReport))]
[JsonSerializable(typeof(IReadOnlyList<SettingReport>))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(PlanReport))]
[JsonSerializable(typeof(IReadOnlyList<HistoryEntry>))]
public sealed partial class ManagementJson : JsonSerializerContext
{
}
