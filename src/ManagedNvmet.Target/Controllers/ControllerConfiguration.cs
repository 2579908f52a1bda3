namespace ManagedNvmet.Target.Controllers;

/// <summary>The CC property (Base Specification, "Controller Configuration") and the meaning of a write to it.</summary>
/// <param name="Value">The 32-bit property.</param>
internal readonly record struct ControllerConfiguration(uint Value)
{
    // EN, CSS, MPS, AMS, SHN, IOSQES, IOCQES, CRIME. The other bits are reserved; the target ignores them and returns 0.
    private const uint DefinedBits = 0x01FF_FFF1;

    // CSS, MPS, AMS and CRIME have one supported value each: 0.
    private const uint FixedBits = 0x0100_3FF0;

    /// <summary>EN.</summary>
    public bool IsEnabled => (Value & 1) != 0;

    /// <summary>SHN: 0 none, 1 normal, 2 abrupt, 3 reserved.</summary>
    public int ShutdownNotification => (int)(Value >> 14) & 3;

    /// <summary>IOSQES: log2 of the size of an I/O submission queue entry.</summary>
    public int SubmissionEntryShift => (int)(Value >> 16) & 0xF;

    /// <summary>IOCQES: log2 of the size of an I/O completion queue entry.</summary>
    public int CompletionEntryShift => (int)(Value >> 20) & 0xF;

    /// <summary>Checks a write of <paramref name="value"/> without a change.</summary>
    /// <param name="value">The value that the host wrote.</param>
    /// <param name="state">The controller's state.</param>
    /// <param name="written">The new value of the property.</param>
    /// <param name="happened">The event that the write causes, or null when it only stores values.</param>
    public NvmeStatus Write(uint value, ControllerState state, out ControllerConfiguration written, out ControllerEvent? happened)
    {
        written = new ControllerConfiguration(value & DefinedBits);
        happened = null;
        if ((value & FixedBits) != 0 || written.ShutdownNotification == 3)
            return NvmeStatus.InvalidField;

        bool enables = written.IsEnabled && !IsEnabled;
        if (enables && written.ShutdownNotification != 0)
            return NvmeStatus.InvalidField;

        // A reset takes precedence over a shutdown of the same write, because it leaves nothing to shut down.
        if (enables)
            happened = ControllerEvent.Enable;
        else if (!written.IsEnabled && IsEnabled)
            happened = ControllerEvent.Disable;
        else if (written.ShutdownNotification != 0)
            happened = ControllerEvent.Shutdown;

        if (happened is { } asked && ControllerStateMachine.Next(state, asked) is null)
            return NvmeStatus.CommandSequenceError;
        return NvmeStatus.Success;
    }
}
