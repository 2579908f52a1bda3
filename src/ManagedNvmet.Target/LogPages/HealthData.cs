using System.Runtime.InteropServices;
using ManagedNvmet.Target.Wire;

namespace ManagedNvmet.Target.LogPages;

/// <summary>The SMART / Health Information log page, 512 bytes. The fields without a name are 0.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = Size)]
internal struct HealthData
{
    public const int Size = 512;

    /// <summary>Available Spare in percent.</summary>
    [FieldOffset(3)] public byte AvailableSpare;

    /// <summary>Data Units Read, in thousands of 512 bytes, rounded up.</summary>
    [FieldOffset(32)] public U128 DataUnitsRead;

    /// <summary>Data Units Written, in thousands of 512 bytes, rounded up.</summary>
    [FieldOffset(48)] public U128 DataUnitsWritten;

    /// <summary>Host Read Commands.</summary>
    [FieldOffset(64)] public U128 HostReadCommands;

    /// <summary>Host Write Commands.</summary>
    [FieldOffset(80)] public U128 HostWriteCommands;

    /// <summary>Controller Busy Time in minutes.</summary>
    [FieldOffset(96)] public U128 BusyMinutes;

    /// <summary>Power Cycles.</summary>
    [FieldOffset(112)] public U128 PowerCycles;

    /// <summary>Power On Hours.</summary>
    [FieldOffset(128)] public U128 PowerOnHours;

    /// <summary>Media and Data Integrity Errors.</summary>
    [FieldOffset(160)] public U128 MediaErrors;

    /// <summary>Number of Error Information Log Entries over the life of the controller.</summary>
    [FieldOffset(176)] public U128 ErrorLogEntries;
}
