using ManagedNvmet.Management.Metrics;
using ManagedNvmet.Reports;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace ManagedNvmet.Management;

/// <summary>Sends the metrics to a collector each minute.</summary>
internal sealed class OtlpExport : IDisposable
{
    private readonly MeterProvider _provider;

    private OtlpExport(MeterProvider provider) => _provider = provider;

    // The meter has to be there; the provider finds it by its name.
    public static OtlpExport Start(Uri collector, TargetMetrics metrics) => new(Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource.AddService("managed-nvmet", serviceVersion: TargetView.Version))
        .AddMeter(metrics.Meter.Name)
        .AddOtlpExporter(exporter => exporter.Endpoint = collector)
        .Build());

    public void Dispose() => _provider.Dispose();
}
