using ManagedNvmet.Management.Metrics;
using ManagedNvmet.Reports;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace ManagedNvmet.Management;

/// <summary>Sends the metrics to an OTLP collector each minute.</summary>
internal sealed class OtlpExport : IDisposable
{
    private readonly MeterProvider _provider;

    private OtlpExport(MeterProvider provider) => _provider = provider;

    // The provider finds the meter by its name, so the meter must exist before the provider.
    public static OtlpExport Start(Uri collector, TargetMetrics metrics) => new(Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource.AddService("managed-nvmet", serviceVersion: TargetView.Version))
        .AddMeter(metrics.Meter.Name)
        .AddOtlpExporter(exporter => exporter.Endpoint = collector)
        .Build());

    public void Dispose() => _provider.Dispose();
}
