using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Protocol.Connection;

/// <summary>Several taps on one connection. Immutable, so that a tap may remove itself while it is called.</summary>
internal sealed class TapFan(IPduTap[] taps) : IPduTap
{
    /// <summary>Adds a tap.</summary>
    public static IPduTap With(IPduTap? present, IPduTap added) => present switch
    {
        null => added,
        TapFan fan => new TapFan([.. fan.All, added]),
        _ => new TapFan([present, added]),
    };

    /// <summary>Removes a tap; null when none is left.</summary>
    public static IPduTap? Without(IPduTap? present, IPduTap removed)
    {
        if (present is not TapFan fan)
            return present == removed ? null : present;
        IPduTap[] left = [.. fan.All.Where(tap => tap != removed)];
        return left is [{ } only] ? only : new TapFan(left);
    }

    private IPduTap[] All => taps;

    public void OnHeader(ReadOnlySpan<byte> header, int paddingBytes, int dataBytes)
    {
        foreach (IPduTap tap in taps)
            tap.OnHeader(header, paddingBytes, dataBytes);
    }

    public void OnData(ReadOnlySpan<byte> bytes)
    {
        foreach (IPduTap tap in taps)
            tap.OnData(bytes);
    }

    public void OnBroken(ReadOnlySpan<byte> header)
    {
        foreach (IPduTap tap in taps)
            tap.OnBroken(header);
    }

    public void OnSent(ReadOnlySpan<ReadOnlyMemory<byte>> pieces, SubmissionEntry? entry)
    {
        foreach (IPduTap tap in taps)
            tap.OnSent(pieces, entry);
    }

    public void OnClosed(CloseReason reason)
    {
        foreach (IPduTap tap in taps)
            tap.OnClosed(reason);
    }
}
