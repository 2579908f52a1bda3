using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.LogPages;

/// <summary>The fields of a Get Log Page command.</summary>
/// <param name="LogPageId">LID.</param>
/// <param name="Bytes">The requested length, (NUMD + 1) × 4: 4 to 2^34 bytes.</param>
/// <param name="Offset">LPO.</param>
/// <param name="IsRetained">RAE: the command does not clear the event of this page.</param>
/// <param name="IsIndexOffset">OT: <paramref name="Offset"/> counts entries, not bytes.</param>
/// <param name="CommandSet">CSI.</param>
/// <param name="SpecificParameter">LSP: 7 bits, which each page defines.</param>
internal readonly record struct LogPageRequest(
    byte LogPageId, ulong Bytes, ulong Offset, bool IsRetained, bool IsIndexOffset, byte CommandSet, byte SpecificParameter = 0)
{
    private const uint RetainBit = 1u << 15;
    private const uint IndexOffsetBit = 1u << 23;
    private const int DwordBytes = 4;

    public static LogPageRequest Parse(in SubmissionEntry entry)
    {
        uint cdw10 = entry.Cdw10;
        uint cdw14 = entry.Cdw14;

        // NUMD has 32 bits and is 0's based, so the length in bytes needs more than 32 bits.
        ulong dwords = ((cdw10 >> 16) | ((ulong)(ushort)(uint)entry.Cdw11 << 16)) + 1;
        return new LogPageRequest(
            (byte)cdw10,
            dwords * DwordBytes,
            entry.Cdw12And13,
            (cdw10 & RetainBit) != 0,
            (cdw14 & IndexOffsetBit) != 0,
            (byte)(cdw14 >> 24),
            (byte)((cdw10 >> 8) & 0x7F));
    }

    /// <summary>Checks the command before the page is made.</summary>
    /// <param name="isDiscovery">True for a controller of the discovery subsystem.</param>
    /// <param name="maxTransferBytes">MDTS in bytes.</param>
    /// <param name="sglLength">The length of the SGL in bytes.</param>
    public NvmeStatus Check(bool isDiscovery, int maxTransferBytes, uint sglLength)
    {
        if (LogPageTable.All[LogPageId] is not { } page || !page.IsAvailable(isDiscovery))
            return NvmeStatus.InvalidLogPage;

        // No page supports index offsets (IOS = 0).
        if (IsIndexOffset || Offset % DwordBytes != 0)
            return NvmeStatus.InvalidField;
        if (Bytes > (ulong)maxTransferBytes)
            return NvmeStatus.InvalidField;
        return Bytes == sglLength ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid;
    }
}
