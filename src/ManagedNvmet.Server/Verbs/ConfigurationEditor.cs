using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedNvmet.Backends;

namespace ManagedNvmet.Server.Verbs;

/// <summary>Changes one object of the running configuration: reads the document, edits it, and sends it back, as long as nobody else has
/// changed it in between.</summary>
internal static class ConfigurationEditor
{
    // Where nvmetcli keeps an attribute; everything else is ours.
    private const string OwnGroup = "managed_nvmet";
    private const int Tries = 5;

    private static readonly (string Group, string[] Names)[] Groups =
    [
        ("", ["nqn", "nsid", "portid", "enable", "ana_grpid", "allowed_hosts", "subsystems"]),
        ("device", ["path", "uuid", "nguid"]),
        ("attr", ["allow_any_host", "serial", "model", "firmware", "cntlid_min", "cntlid_max", "qid_max"]),
        ("addr", ["adrfam", "traddr", "trsvcid", "trtype", "treq", "tsas"]),
        ("param", ["inline_data_size"]),
    ];

    /// <summary>Reads, edits and applies; again when somebody else was faster.</summary>
    /// <param name="call">The run of the verb.</param>
    /// <param name="edit">Changes the document.</param>
    public static async Task EditAsync(VerbCall call, Action<JsonObject> edit)
    {
        for (int left = Tries; ; left--)
        {
            (string json, string eTag) = await call.Client.GetTextAsync(ConfigurationRequests.Path,
                call.CancellationToken).ConfigureAwait(false);
            JsonObject document = JsonNode.Parse(json)!.AsObject();
            edit(document);
            try
            {
                await ConfigurationRequests.SendAsync(call, HttpMethod.Put, ConfigurationRequests.Path, document.ToJsonString(), eTag)
                    .ConfigureAwait(false);
                return;
            }
            catch (VerbException exception) when (exception.ExitCode == ExitCode.Conflict && left > 1)
            {
                // The next look sees what the other one did.
            }
        }
    }

    /// <summary>The list of this name, made if it is not there.</summary>
    public static JsonArray List(JsonObject parent, string name)
    {
        if (parent[name] is not JsonArray list)
            parent[name] = list = [];
        return list;
    }

    /// <summary>The object whose attribute has this value.</summary>
    /// <exception cref="VerbException">There is none; the message names the nearest.</exception>
    public static JsonObject Find(JsonArray list, string attribute, string value, string what)
    {
        string[] known = [.. list.Select(each => TextOf(each?[attribute])).OfType<string>()];
        int index = Array.IndexOf(known, value);
        if (index >= 0)
            return list[index]!.AsObject();
        string suggestion = known.Length > 0 && Suggestion.Nearest(value, known) is { } nearest ? $" Did you mean {nearest}?" : "";
        throw new VerbException(ExitCode.Failed, $"There is no {what} {value} in the configuration.{suggestion}");
    }

    /// <summary>True when an object has this value.</summary>
    public static bool Has(JsonArray list, string attribute, string value) => list.Any(each => TextOf(each?[attribute]) == value);

    /// <summary>Sets attributes: <c>NAME=VALUE</c>, <c>NAME=</c> to leave it out, <c>NAME+=VALUE</c> and <c>NAME-=VALUE</c> for lists. A
    /// name
    /// may say its group, such as <c>attr.serial</c>.</summary>
    /// <exception cref="VerbException">One has another form.</exception>
    public static void Set(JsonObject target, IEnumerable<string> assignments)
    {
        foreach (string assignment in assignments)
        {
            int sign = assignment.IndexOf('=', StringComparison.Ordinal);
            if (sign <= 0)
                throw new VerbException(ExitCode.Usage, $"'{assignment}' sets nothing; expected NAME=VALUE, NAME+=VALUE or NAME-=VALUE.");
            char before = assignment[sign - 1];
            bool isListChange = before is '+' or '-';
            string place = assignment[..(isListChange ? sign - 1 : sign)];
            string value = assignment[(sign + 1)..];
            (JsonObject group, string name) = Locate(target, place);
            if (isListChange)
                ChangeList(group, name, value, isAdded: before == '+');
            else if (value.Length == 0)
                group.Remove(name);
            else
                group[name] = Value(value);
        }
    }

    /// <summary>Takes a name out of a list, or the object of this <c>nqn</c>; the list stays, even if it is empty then.</summary>
    /// <returns>False when it was not there.</returns>
    public static bool TakeOut(JsonObject target, string name, string value)
    {
        JsonNode? group = GroupOf(name) is { Length: > 0 } named ? target[named] : target;
        return group?[name] is JsonArray list && list.RemoveAll(each => TextOf(each is JsonObject ? each["nqn"] : each) == value) > 0;
    }

    private static (JsonObject Group, string Name) Locate(JsonObject target, string place)
    {
        string[] parts = place.Split('.');
        if (parts.Length == 1)
            parts = GroupOf(place) is { Length: > 0 } group ? [group, place] : [place];
        JsonObject at = target;
        foreach (string part in parts[..^1])
        {
            if (at[part] is not JsonObject inner)
                at[part] = inner = [];
            at = inner;
        }
        return (at, parts[^1]);
    }

    private static string GroupOf(string name) =>
        Array.Find(Groups, each => each.Names.Contains(name)) is { Group: { } group } ? group : OwnGroup;

    private static void ChangeList(JsonObject group, string name, string value, bool isAdded)
    {
        // Left out, a list may mean everybody, and an empty one nobody.
        if (!isAdded && group[name] is not JsonArray)
        {
            throw new VerbException(
                ExitCode.Failed, $"{name} is left out, so that there is nothing to take out of it. Set it first: {name}+=VALUE for each that it is to hold.");
        }
        JsonArray list = List(group, name);
        list.RemoveAll(each => TextOf(each) == value);
        if (isAdded)
            list.Add((JsonNode)value);
    }

    // Numbers, flags and lists as JSON has them; everything else is a text.
    private static JsonNode? Value(string text)
    {
        if (text[0] is not ('[' or '{' or 't' or 'f') && !char.IsAsciiDigit(text[0]))
            return JsonValue.Create(text);
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue ? node.ToString() : null;
}
