using System.Globalization;
using System.Text;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing;

/// <summary>Generates the names of this machine's services. Attempt 1 gives the preferred name, higher attempts give alternatives for when
/// another machine owns the name.</summary>
internal sealed class ServiceNames
{
    // Leaves 24 bytes of the label for the suffix with port and attempt.
    private const int MaxMachineBytes = DnsName.MaxLabelBytes - 24;

    private readonly string _instanceStart;
    private readonly string _hostStart;

    public ServiceNames(string machineName)
    {
        string first = machineName.Split('.')[0];
        _instanceStart = Truncate(first.Length == 0 ? "localhost" : first);

        // A host name may contain only letters, digits and hyphens.
        string plain = string.Concat(first.Select(each => char.IsAsciiLetterOrDigit(each) ? each : '-')).Trim('-');
        _hostStart = Truncate(plain.Length == 0 ? "localhost" : plain);
    }

    /// <summary>Returns the service instance label, which people read.</summary>
    /// <param name="tcpPort">TCP port of the service.</param>
    /// <param name="attempt">1 for the preferred name.</param>
    public string Instance(int tcpPort, int attempt) => attempt == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{_instanceStart} port {tcpPort}")
        : string.Create(CultureInfo.InvariantCulture, $"{_instanceStart} port {tcpPort} ({attempt})");

    /// <summary>Returns the first label of the host name for the address records. It differs from the machine's own host name, because that
    /// has records for all addresses of the machine, including those that the server does not listen on.</summary>
    public string Host(int tcpPort, int attempt) => attempt == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{_hostStart}-{tcpPort}")
        : string.Create(CultureInfo.InvariantCulture, $"{_hostStart}-{tcpPort}-{attempt}");

    private static string Truncate(string text)
    {
        var truncated = new StringBuilder();
        int bytes = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxMachineBytes)
                break;
            truncated.Append(rune.ToString());
        }
        return truncated.ToString();
    }
}
