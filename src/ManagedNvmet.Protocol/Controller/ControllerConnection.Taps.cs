using ManagedNvmet.Protocol.Connection;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Slots;

namespace ManagedNvmet.Protocol.Controller;

public sealed partial class ControllerConnection
{
    private IPduTap? _tap;

    /// <summary>What ICReq and ICResp agreed on.</summary>
    public ConnectionParameters Parameters => _transmitter.Parameters;

    /// <summary>What the connection became with its Connect; null before, and for a handler that does not say.</summary>
    public QueueIdentity? Identity => _handler.Identity;

    /// <summary>The submission queue is flow controlled: SQHD counts.</summary>
    public bool IsFlowControlled => _commands.IsFlowControlled;

    /// <summary>Shows a tap every PDU from now on. On the connection's thread.</summary>
    public void AddTap(IPduTap added) => SetTap(TapFan.With(_tap, added));

    /// <summary>Shows a tap nothing any more; it may be its own call that comes here. On the connection's thread.</summary>
    public void RemoveTap(IPduTap removed) => SetTap(TapFan.Without(_tap, removed));

    /// <summary>The command that is outstanding under a transfer tag, or null. On the connection's thread.</summary>
    public CommandSlot? FindByTransferTag(ushort transferTag) =>
        _commands.At(transferTag) is { State: not SlotState.Free } slot ? slot : null;

    private void SetTap(IPduTap? changed)
    {
        _tap = changed;
        _receiver.Tap = changed;
        _transmitter.Tap = changed;
    }
}
