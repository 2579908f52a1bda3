using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedNvmet.Backends;
using ManagedNvmet.Configuration;

namespace ManagedNvmet.Server.Verbs;

/// <summary>Changes one object of the running configuration: reads the document, edits it, and sends it back, as long as nobody else has
/// changed it in between.</summary>
internal static class ConfigurationEditor
{
    private const int Tries = 5;

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

    /// <summary>Sets attributes: <c>NAME=VALUE</c>, <c>NAME=</c> to leave it out, <c>NAME+=VALUE</c> and <c>NAME-=VALUE</c> for
    /// lists.</summary>
    /// <param name="target">The object.</param>
    /// <param name="names">The names of its attributes. A name may have its group in front, such as <c>attr.serial</c>.</param>
    /// <param name="assignments">What was typed.</param>
    /// <exception cref="VerbException">An assignment has another form, or names no attribute.</exception>
    public static void Set(JsonObject target, IAttributeNames names, IEnumerable<string> assignments)
    {
        foreach (string assignment in assignments)
        {
            int sign = assignment.IndexOf('=', StringComparison.Ordinal);
            if (sign <= 0)
                throw new VerbException(ExitCode.Usage, $"'{assignment}' sets nothing; expected NAME=VALUE, NAME+=VALUE or NAME-=VALUE.");
            char before = assignment[sign - 1];
            bool isListChange = before is '+' or '-';
            string typed = assignment[..(isListChange ? sign - 1 : sign)];
            string value = assignment[(sign + 1)..];
            IReadOnlyList<string> steps = StepsOf(target, names, typed);
            JsonObject group = GroupAt(target, steps);
            if (isListChange)
                ChangeList(group, steps[^1], value, isAdded: before == '+');
            else if (value.Length == 0)
                group.Remove(steps[^1]);
            else
                group[steps[^1]] = Value(value);
        }
    }

    /// <summary>Takes a name out of a list, or the object of this <c>nqn</c>; the list stays, even if it is empty then.</summary>
    /// <param name="target">The object that has the list.</param>
    /// <param name="names">The names of its attributes.</param>
    /// <param name="name">The list.</param>
    /// <param name="value">The name to take out.</param>
    /// <returns>False when it was not there.</returns>
    public static bool TakeOut(JsonObject target, IAttributeNames names, string name, string value) =>
        Find(target, names.Find(name)!) is JsonArray list
        && list.RemoveAll(each => TextOf(each is JsonObject ? each["nqn"] : each) == value) > 0;

    // An attribute of another program that is already there can be changed and left out; notes may have any name.
    private static IReadOnlyList<string> StepsOf(JsonObject target, IAttributeNames names, string typed)
    {
        if (names.Find(typed) is { } known)
            return known;
        string[] steps = typed.Split('.');
        if (steps[^1].StartsWith('_') || steps[^1].StartsWith('$') || Find(target, steps) is not null)
            return steps;
        string suggestion = names.Nearest(typed) is { } nearest ? $" Did you mean {nearest}?" : "";
        throw new VerbException(ExitCode.Usage, $"There is no attribute \"{typed}\" of a {names.Title}.{suggestion}");
    }

    private static JsonNode? Find(JsonObject target, IReadOnlyList<string> steps)
    {
        JsonNode? at = target;
        foreach (string step in steps)
            at = (at as JsonObject)?[step];
        return at;
    }

    private static JsonObject GroupAt(JsonObject target, IReadOnlyList<string> steps)
    {
        JsonObject at = target;
        foreach (string step in steps.SkipLast(1))
        {
            if (at[step] is not JsonObject inner)
                at[step] = inner = [];
            at = inner;
        }
        return at;
    }

    private static void ChangeList(JsonObject group, string name, string value, bool isAdded)
    {
        // Left out, a list may mean everybody, and an empty one nobody.
        if (!isAdded && group[name] is not JsonArray)
        {
            throw new VerbException(
                ExitCode.Failed,
                $"{name} is left out, so that there is nothing to take out of it. Set it first: {name}+=VALUE for each that it is to "
                    + "hold.");
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
