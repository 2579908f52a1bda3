using System.CommandLine;
using System.Text.Json.Nodes;
using ManagedNvmet.Backends;
using ManagedNvmet.Backends.Kinds;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>namespace add</c> verb.</summary>
internal sealed class NamespaceAddVerb : ObjectVerb
{
    private readonly Argument<string> _subsystem = new("subsystem") { Description = "NQN of its subsystem" };

    private readonly Argument<string> _disk = new("disk")
    {
        Description = $"A disk as with --namespace: {BackendKinds.Default.Forms}, options behind commas",
    };

    private readonly Option<uint?> _number = new("--nsid") { Description = "Its number. Default: the next free one", HelpName = "NUMBER" };

    public NamespaceAddVerb()
        : base("add", "Adds a disk to a subsystem; its hosts see it at once", hasSettings: true)
    {
        AddArguments(_subsystem, _disk);
        AddOption(_number);
    }

    protected override void Change(ParseResult result, JsonObject document, IReadOnlyList<string> settings)
    {
        JsonArray list = ConfigurationDocument.NamespacesOf(document, result.GetValue(_subsystem)!);
        uint wanted = ConfigurationDocument.FreeNumber(list, "nsid", result.GetValue(_number));
        if (ConfigurationEditor.Has(list, "nsid", ConfigurationDocument.Text(wanted)))
            throw new VerbException(ExitCode.Failed, $"Namespace {wanted} is there already; 'namespace set' changes it.");
        JsonObject made = NamespaceOf(result.GetValue(_disk)!, wanted);
        ConfigurationEditor.Set(made, ConfigurationTables.Namespace, settings);
        list.Add((JsonNode)made);
    }

    private static JsonObject NamespaceOf(string text, uint id)
    {
        NamespaceSpec spec;
        try
        {
            spec = NamespaceSpec.Parse(text);
        }
        catch (BackendException exception)
        {
            throw new VerbException(ExitCode.Usage, exception.Message);
        }

        // A server that is built on the library may know kinds that this command does not: it checks them itself.
        bool isOfServer = BackendKinds.Default.MayBeOfAnotherKind(spec.Subject) && BackendKinds.Default.MayBeOfAnotherKind(spec.Text);
        var device = new JsonObject { ["path"] = isOfServer ? spec.Subject : spec.Kind.Write(spec.Subject) };
        if (spec.Uuid is { } uuid)
            device["uuid"] = uuid.ToString();
        var own = new JsonObject();
        if (spec.IsReadOnly)
            own["read_only"] = true;
        if (spec.BlockSize is { } blockSize)
            own["block_size"] = blockSize;
        if (spec.IsBuffered)
            own["buffered"] = true;
        if (spec.IsForced)
            own["force"] = true;
        if (spec.CreateBytes is { } create)
            own["create"] = create;
        var made = new JsonObject { ["nsid"] = id, ["enable"] = 1, ["device"] = device };
        if (own.Count > 0)
            made["managed_nvmet"] = own;
        return made;
    }
}
