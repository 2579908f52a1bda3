using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>port add</c> verb.</summary>
internal sealed class PortAddVerb : ObjectVerb
{
    private readonly Argument<string> _address = new("address") { Description = "ADDRESS[:PORT], IPv6 in brackets" };
    private readonly Option<ushort?> _number = new("--id") { Description = "Its number. Default: the next free one", HelpName = "NUMBER" };

    private readonly Option<string[]> _subsystems = new("--subsystem")
    {
        Description = "Export this subsystem. Repeatable. Default: all",
        HelpName = "NQN",
    };

    public PortAddVerb()
        : base("add", "Listens on an address and exports subsystems there", hasSettings: true)
    {
        AddArguments(_address);
        AddOption(_number);
        AddOption(_subsystems);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        IPEndPoint endPoint = ListenAddresses.Parse([result.GetValue(_address)!])[0];
        JsonArray list = ConfigurationEditor.List(document, "ports");
        uint wanted = ConfigurationDocument.FreeNumber(list, "portid", result.GetValue(_number));
        if (ConfigurationEditor.Has(list, "portid", ConfigurationDocument.Text(wanted)))
            throw new VerbException(ExitCode.Failed, $"Port {wanted} is there already; 'port set' changes it.");
        JsonArray all = ConfigurationEditor.List(document, "subsystems");
        string[] exported =
            result.GetValue(_subsystems) is { Length: > 0 } named ? named : [.. all.Select(each => each!["nqn"]!.ToString())];
        var port = new JsonObject
        {
            ["portid"] = wanted,
            ["addr"] = new JsonObject
            {
                ["adrfam"] = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4",
                ["traddr"] = endPoint.Address.ToString(),
                ["trsvcid"] = endPoint.Port.ToString(CultureInfo.InvariantCulture),
                ["trtype"] = "tcp",
            },
            ["subsystems"] = new JsonArray([.. exported.Select(each => (JsonNode)each)]),
        };
        ConfigurationEditor.Set(port, ConfigurationTables.Port, settings);
        list.Add((JsonNode)port);
    }
}
