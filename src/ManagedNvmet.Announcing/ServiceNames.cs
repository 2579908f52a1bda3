using System.Globalization;
using System.Text;
using ManagedNvmet.Announcing.Dns;

namespace ManagedNvmet.Announcing;

/// <summary>The names of a machine's services. The first is wanted; the following ones are tried when others have it already.</summary>
internal sealed class ServiceNames
{
    // The longest label less what is put behind.
    private const int MaxMachineBytes = DnsName.MaxLabelBytes - 24;

    private readonly string _instanceStart;
    private readonly string _hostStart;

    public ServiceNames(string machineName)
    {
        string first = machineName.Split('.')[0];
        _instanceStart = Cut(first.Length == 0 ? "localhost" : first);

        // A host name is made of letters, digits and hyphens only.
        string plain = string.Concat(first.Select(each => char.IsAsciiLetterOrDigit(each) ? each : '-')).Trim('-');
        _hostStart = Cut(plain.Length == 0 ? "localhost" : plain);
    }

    /// <summary>The name of the instance, for people.</summary>
    /// <param name="tcpPort">Where it listens.</param>
    /// <param name="attempt">1 for the name that is wanted.</param>
    public string Instance(int tcpPort, int attempt) => attempt == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{_instanceStart} port {tcpPort}")
        : string.Create(CultureInfo.InvariantCulture, $"{_instanceStart} port {tcpPort} ({attempt})");

    /// <summary>The first label of the name that its addresses have. It is another one than the machine's own, which stands for all the
    /// machine's addresses, those included that are not listened on.</summary>
    public string Host(int tcpPort, int attempt) => attempt == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{_hostStart}-{tcpPort}")
        : string.Create(CultureInfo.InvariantCulture, $"{_hostStart}-{tcpPort}-{attempt}");

    private static string Cut(string text)
    {
        var cut = new StringBuilder();
        int bytes = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxMachineBytes)
                break;
            cut.Append(rune.ToString());
        }
        return cut.ToString();
    }
}
