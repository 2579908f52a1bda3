using System.Net;

namespace ManagedNvmet.Announcing;

/// <summary>An address of this machine on a link.</summary>
/// <param name="Address">The address, without an IPv6 scope id.</param>
/// <param name="PrefixLength">Length of the network prefix in bits.</param>
internal sealed record LinkAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>Returns true for an address in the same network.</summary>
    public bool IsNeighbour(IPAddress other) => other.AddressFamily == Address.AddressFamily
        && new IPNetwork(Masked(Address, PrefixLength), PrefixLength).Contains(other);

    private static IPAddress Masked(IPAddress address, int prefixLength)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = prefixLength; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}
