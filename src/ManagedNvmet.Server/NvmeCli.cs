using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ManagedNvmet.Server;

/// <summary>Commands of nvme-cli for a host, quoted for a shell where necessary.</summary>
internal static class NvmeCli
{
    /// <summary>Connects to a subsystem.</summary>
    /// <param name="endPoint">Address of the target, as this machine reaches it.</param>
    /// <param name="subsystem">SUBNQN.</param>
    public static string Connect(IPEndPoint endPoint, Nqn subsystem) =>
        $"nvme connect {Address(endPoint)} -n {ShellWord.Of(subsystem.Text)}";

    /// <summary>The arguments that name an address.</summary>
    /// <param name="endPoint">Address and TCP port.</param>
    /// <param name="scope">Interface of a link-local address; null for the name of this machine's interface.</param>
    public static string Address(IPEndPoint endPoint, string? scope = null) =>
        $"-t tcp -a {Text(endPoint.Address, scope)} -s {endPoint.Port}";

    /// <summary>Address and port; a link-local address has the name of its interface instead of the number.</summary>
    public static string Text(IPEndPoint endPoint) => endPoint.AddressFamily == AddressFamily.InterNetworkV6
        ? $"[{Text(endPoint.Address, null)}]:{endPoint.Port}"
        : endPoint.ToString();

    private static string Text(IPAddress address, string? scope) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0
            ? $"{new IPAddress(address.GetAddressBytes())}%{scope ?? InterfaceName(address.ScopeId)}"
            : address.ToString();

    private static string InterfaceName(long index)
    {
        try
        {
            foreach (NetworkInterface each in NetworkInterface.GetAllNetworkInterfaces())
            {
                if (each.GetIPProperties().GetIPv6Properties().Index == index)
                    return each.Name;
            }
        }
        catch (NetworkInformationException)
        {
            // A sandbox may forbid the question: the number is left.
        }
        return index.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
