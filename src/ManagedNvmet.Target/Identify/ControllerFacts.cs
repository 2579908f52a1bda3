using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Features;
using ManagedNvmet.Target.LogPages;
using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.Identify;

/// <summary>The values of Identify Controller that differ between controllers.</summary>
/// <param name="ControllerId">CNTLID.</param>
/// <param name="SubsystemNqn">SUBNQN.</param>
/// <param name="SerialNumber">SN.</param>
/// <param name="ModelNumber">MN.</param>
/// <param name="FirmwareRevision">FR.</param>
/// <param name="IsDiscovery">True for a controller of the discovery subsystem.</param>
/// <param name="HasVolatileWriteCache">VWC bit 0.</param>
/// <param name="Limits">The limits of the target.</param>
/// <param name="Commands">The commands of the controller.</param>
internal sealed record ControllerFacts(
    ushort ControllerId,
    Nqn SubsystemNqn,
    string SerialNumber,
    string ModelNumber,
    string FirmwareRevision,
    bool IsDiscovery,
    bool HasVolatileWriteCache,
    TargetLimits Limits,
    ControllerCommands Commands)
{
    private const byte HealthByNamespace = 1 << 0;
    private const byte CommandEffects = 1 << 1;
    private const byte ExtendedData = 1 << 2;
    private const byte SupportedPages = 1 << 5;

    /// <summary>ONCS, made from the tables of commands and features.</summary>
    public OptionalSupport OptionalSupport
    {
        get
        {
            OptionalSupport support = OptionalSupport.SaveAndSelect;
            foreach (Command command in Commands.Io)
                support |= command.OptionalSupport;
            foreach (Feature feature in FeatureTable.All)
            {
                if (IsDiscovery ? feature.IsForDiscovery : feature.IsForIo)
                    support |= feature.OptionalSupport;
            }
            return support;
        }
    }

    /// <summary>LPA, made from the table of log pages.</summary>
    public byte LogPageAttributes
    {
        get
        {
            // Every page supports an offset and a length of 32 bits.
            byte attributes = ExtendedData;
            if (Has(HealthPage.Id))
                attributes |= HealthByNamespace;
            if (Has(CommandEffectsPage.Id))
                attributes |= CommandEffects;
            if (Has(SupportedLogPagesPage.Id) && Has(FeatureEffectsPage.Id) && Has(ManagementEffectsPage.Id))
                attributes |= SupportedPages;
            return attributes;
        }
    }

    /// <summary>OAES.</summary>
    public AsyncEventNotices AsyncEvents => AsyncEventConfiguration.Supported(IsDiscovery);

    private bool Has(byte logPageId) => LogPageTable.All[logPageId] is { } page && page.IsAvailable(IsDiscovery);
}
