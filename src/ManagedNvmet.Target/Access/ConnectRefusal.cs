using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Access;

/// <summary>Why a Connect command fails: for the host a status and perhaps the place of the wrong parameter, for the operator a reason
/// and the setting that would change it.</summary>
/// <param name="Status">The status; success when the command is not refused.</param>
/// <param name="Result">Dword 0 of the completion: IPO in bits 15:0, IATTR in bits 23:16.</param>
/// <param name="Reason">The kind of reason.</param>
/// <param name="Detail">The reason in words.</param>
/// <param name="Remedy">What an operator can do.</param>
internal readonly record struct ConnectRefusal(NvmeStatus Status, uint Result, RefusalReason Reason, string Detail, string Remedy)
{
    /// <summary>The remedy of what heals by itself.</summary>
    public const string WaitRemedy = "The host tries again by itself; nothing is to be done";

    private const uint InData = 1u << 16;
    private const string HostRemedy = "The host's software sends this; no setting of the target changes it";

    /// <summary>Not refused.</summary>
    public static ConnectRefusal None => default;

    /// <summary>False when the command may go on.</summary>
    public bool IsRefused => !Status.IsSuccess;

    /// <summary>A parameter of the submission queue entry is wrong.</summary>
    public static ConnectRefusal InEntry(int offset, RefusalReason reason, string detail, string remedy = HostRemedy) =>
        new(NvmeStatus.ConnectInvalidParameters, (uint)offset, reason, detail, remedy);

    /// <summary>A parameter of the data is wrong.</summary>
    public static ConnectRefusal InConnectData(int offset, RefusalReason reason, string detail, string remedy = HostRemedy) =>
        new(NvmeStatus.ConnectInvalidParameters, (uint)offset | InData, reason, detail, remedy);

    /// <summary>Another status, which has no place.</summary>
    public static ConnectRefusal Because(NvmeStatus status, RefusalReason reason, string detail, string remedy = HostRemedy) =>
        new(status, 0, reason, detail, remedy);

    /// <summary>The same, but the host may try again: what is wrong may heal by itself.</summary>
    public ConnectRefusal Retryable() => this with { Status = Status.Retryable() };
}
