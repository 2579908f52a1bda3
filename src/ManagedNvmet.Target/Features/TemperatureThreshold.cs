namespace ManagedNvmet.Target.Features;

/// <summary>Temperature Threshold (FID 04h). There is no sensor. The target stores the thresholds of the composite temperature. It accepts
/// those of sensors that do not exist and returns 0 for them.</summary>
public sealed class TemperatureThreshold : Feature
{
    private const uint ThresholdMask = 0xFFFF;
    private const int LastSensor = 8;
    private const int AllSensors = 15;

    /// <inheritdoc/>
    public override byte FeatureId => 0x04;

    /// <inheritdoc/>
    public override string Name => "Temperature Threshold";

    /// <inheritdoc/>
    public override NvmeStatus Get(in FeatureRequest request, bool isDefault, out uint result)
    {
        result = 0;
        if (!TryParse(request.Entry.Cdw11, out int sensor, out int type) || sensor == AllSensors)
            return NvmeStatus.InvalidField;
        if (sensor == 0 && !isDefault)
            result = (request.Features[FeatureId] >> (16 * type)) & ThresholdMask;
        return NvmeStatus.Success;
    }

    /// <inheritdoc/>
    public override NvmeStatus Set(in FeatureRequest request, out uint result)
    {
        result = 0;
        uint value = request.Entry.Cdw11;
        if (!TryParse(value, out int sensor, out int type))
            return NvmeStatus.InvalidField;

        // One dword holds both thresholds: the over temperature threshold in bits 15:0, the under temperature threshold in bits 31:16.
        if (sensor is 0 or AllSensors)
        {
            uint others = request.Features[FeatureId] & ~(ThresholdMask << (16 * type));
            request.Features[FeatureId] = others | ((value & ThresholdMask) << (16 * type));
        }
        return NvmeStatus.Success;
    }

    private static bool TryParse(uint value, out int sensor, out int type)
    {
        sensor = (int)(value >> 16) & 15;
        type = (int)(value >> 20) & 3;
        return sensor is <= LastSensor or AllSensors && type <= 1;
    }
}
