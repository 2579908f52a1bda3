using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Target.LogPages;

/// <summary>The fields of a Get Log Page command.</summary>
/// <param name="LogPageId">LID.</param>
/// <param name="Bytes">What the host wants, (NUMD + 1) × 4: 4 to 2^34 bytes.</param>
/// <param name="Offset">LPO.</param>
/// <param name="IsRetained">RAE: the event of this page stays as it is.</param>
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

        // NUMD is 32 bits, 0's based: adding one and times four needs more than 32.
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

    /// <summary>Judges all that can be judged before the page is made.</summary>
    /// <param name="isDiscovery">The controller is one of the discovery subsystem.</param>
    /// <param name="maxTransferBytes">MDTS in bytes.</param>
    /// <param name="sglLength">Bytes that the host's SGL describes.</param>
    public NvmeStatus Check(bool isDiscovery, int maxTransferBytes, uint sglLength)
    {
        if (LogPageTable.All[LogPageId] is not { } page || !page.IsAvailable(isDiscovery))
            return NvmeStatus.InvalidLogPage;

        // No page offers offsets by index (IOS = 0).
        if (IsIndexOffset || Offset % DwordBytes != 0)
            return NvmeStatus.InvalidField;
        if (Bytes > (ulong)maxTransferBytes)
            return NvmeStatus.InvalidField;
        return Bytes == sglLength ? NvmeStatus.Success : NvmeStatus.DataSglLengthInvalid;
    }
}
