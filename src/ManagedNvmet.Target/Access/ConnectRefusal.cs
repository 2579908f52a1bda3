using ManagedNvmet.Target.Refusals;

namespace ManagedNvmet.Target.Access;

/// <summary>Tells why a Connect command fails. The host receives a status and, for a wrong parameter, its offset. The operator reads a
/// reason and a remedy.</summary>
/// <param name="Status">The status; success when the command is not refused.</param>
/// <param name="Result">Dword 0 of the completion: IPO in bits 15:0, IATTR in bits 23:16.</param>
/// <param name="Reason">The kind of reason.</param>
/// <param name="Detail">The reason as a text.</param>
/// <param name="Remedy">Tells the operator how to fix the cause.</param>
internal readonly record struct ConnectRefusal(NvmeStatus Status, uint Result, RefusalReason Reason, string Detail, string Remedy)
{
    /// <summary>The remedy for a cause that ends without the operator.</summary>
    public const string WaitRemedy = "The host tries again by itself; nothing is to be done";

    private const uint InData = 1u << 16;
    private const string HostRemedy = "The host's software sends this; no setting of the target changes it";

    /// <summary>The command is not refused.</summary>
    public static ConnectRefusal None => default;

    /// <summary>False when the target goes on with the command.</summary>
    public bool IsRefused => !Status.IsSuccess;

    /// <summary>Makes a refusal for a wrong field of the submission queue entry.</summary>
    public static ConnectRefusal InEntry(int offset, RefusalReason reason, string detail, string remedy = HostRemedy) =>
        new(NvmeStatus.ConnectInvalidParameters, (uint)offset, reason, detail, remedy);

    /// <summary>Makes a refusal for a wrong field of the Connect data.</summary>
    public static ConnectRefusal InConnectData(int offset, RefusalReason reason, string detail, string remedy = HostRemedy) =>
        new(NvmeStatus.ConnectInvalidParameters, (uint)offset | InData, reason, detail, remedy);

    /// <summary>Makes a refusal with another status, which names no field.</summary>
    public static ConnectRefusal Because(NvmeStatus status, RefusalReason reason, string detail, string remedy = HostRemedy) =>
        new(status, 0, reason, detail, remedy);

    /// <summary>Returns a copy that allows the host to retry (DNR is 0), because the cause can end without a change.</summary>
    public ConnectRefusal Retryable() => this with { Status = Status.Retryable() };
}
