namespace ManagedNvmet.Target.Events;

/// <summary>A kind of asynchronous event. The set of kinds is fixed, which bounds the number of unreported events.</summary>
public sealed class AsyncEvent
{
    /// <summary>The number of kinds.</summary>
    internal const int Count = 6;

    private AsyncEvent(byte type, byte information, byte logPageId, uint configurationMask)
    {
        Type = type;
        Information = information;
        LogPageId = logPageId;
        ConfigurationMask = configurationMask;
    }

    /// <summary>SMART critical warning: the medium became unreliable or read-only.</summary>
    public static AsyncEvent ReliabilityDegraded { get; } = new(1, 0, 0x02, 0x3D);

    /// <summary>SMART critical warning: the temperature left its range.</summary>
    public static AsyncEvent TemperatureThreshold { get; } = new(1, 1, 0x02, 0x02);

    /// <summary>SMART critical warning: the available spare is low.</summary>
    public static AsyncEvent SpareBelowThreshold { get; } = new(1, 2, 0x02, 0x01);

    /// <summary>Notice: a namespace was added, removed or changed.</summary>
    public static AsyncEvent NamespaceAttributeChanged { get; } = new(2, 0, 0x04, 1u << 8);

    /// <summary>Notice: the state of an ANA group changed.</summary>
    public static AsyncEvent AnaChange { get; } = new(2, 3, 0x0C, 1u << 11);

    /// <summary>Notice: the discovery log page changed.</summary>
    public static AsyncEvent DiscoveryLogChanged { get; } = new(2, 0xF0, 0x70, 1u << 31);

    /// <summary>Asynchronous Event Type.</summary>
    public byte Type { get; }

    /// <summary>Asynchronous Event Information.</summary>
    public byte Information { get; }

    /// <summary>The log page with the details. The host must read it before the target reports the next event of this type.</summary>
    public byte LogPageId { get; }

    /// <summary>The bits of Asynchronous Event Configuration (feature 0Bh), each of which enables the event.</summary>
    public uint ConfigurationMask { get; }

    /// <summary>Dword 0 of the completion.</summary>
    public uint Result => Type | ((uint)Information << 8) | ((uint)LogPageId << 16);

    /// <summary>Returns true when the report of one event delays the other until the host reads the log page.</summary>
    internal bool Masks(AsyncEvent other) => Type == other.Type && LogPageId == other.LogPageId;
}
