using System.Text.Json;
using System.Text.Json.Nodes;
using ManagedNvmet.Backends;

namespace ManagedNvmet.Configuration;

/// <summary>The attributes of one kind of object. Reading, writing, the schema and the comparison are derived from them.</summary>
/// <param name="title">The kind of the object, such as "port".</param>
/// <param name="create">Creates a record with the defaults of all attributes.</param>
/// <param name="unknown">Returns the unknown attributes of a record; null where unknown attributes are errors.</param>
/// <param name="setUnknown">Sets it.</param>
internal sealed class ObjectTable<T>(
    string title, Func<T> create, Func<T, UnknownAttributes>? unknown, Func<T, UnknownAttributes, T>? setUnknown) : IAttributeNames
    where T : class
{
    private string[] _groups = [];
    private Dictionary<string, AttributeDefinition<T>> _byPlace = [];

    /// <summary>In the order in which they are read: a later one wins over an earlier one of the same meaning.</summary>
    public IReadOnlyList<AttributeDefinition<T>> Attributes
    {
        get;
        init
        {
            field = value;
            _byPlace = value.ToDictionary(each => each.Place, StringComparer.Ordinal);
            _groups = [.. value.Select(each => each.Group).Where(group => group.Length != 0).Distinct()];
        }
    }

    = [];

    /// <summary>True for an object that is not served: attributes with values that are not allowed are kept and are no errors.</summary>
    public Func<JsonTree, bool> IsLenient { get; init; } = static _ => false;

    /// <summary>The kind of the object, for messages.</summary>
    public string Title => title;

    /// <summary>Reads an object; null when it cannot be understood, with the reasons among the problems.</summary>
    public T? Read(JsonTree tree, ReadContext context)
    {
        if (tree.Kind != JsonValueKind.Object)
        {
            context.Error(tree, $"it is {tree.Describe()}, expected an object that describes a {title}.");
            return null;
        }
        bool isLenient = IsLenient(tree);
        bool isComplete = true;
        T record = create();
        UnknownAttributes kept = UnknownAttributes.None;
        foreach (AttributeDefinition<T> attribute in Attributes)
        {
            if (FindValue(tree, attribute) is not { } value)
            {
                if (attribute.IsRequired)
                {
                    context.Error(tree, $"it has no \"{attribute.Place}\"; a {title} needs one.", $"Expected {attribute.Expected}.");
                    isComplete = false;
                }
                continue;
            }
            if (attribute.IsKeptOnly)
                continue;
            if (attribute.Read(value, record, context) is { } next)
            {
                record = next;
            }
            else if (isLenient && !attribute.IsRequired)
            {
                kept = kept.With(PointerTo(attribute.Group, attribute.Name), value.ToJson());
            }
            else
            {
                context.Error(value, $"it is {value.Describe()}, expected {attribute.Expected}.", SuggestWord(value, attribute.Words));
                isComplete &= !attribute.IsRequired;
            }
        }
        record = KeepUnknown(tree, record, kept, context);
        if (!isComplete)
            return null;
        context.SetOrigin(record, tree);
        return record;
    }

    /// <summary>The value that holds where an attribute is left out, as a file would have it; null for none.</summary>
    public JsonNode? DefaultOf(AttributeDefinition<T> attribute) =>
        attribute.IsRequired || attribute.IsListOfObjects || !attribute.HasDefault
        ? null
        : attribute.Write(create()) is { } value and not JsonArray { Count: 0 } ? value : null;

    /// <summary>The attributes whose value cannot stand in a file.</summary>
    public IEnumerable<AttributeDefinition<T>> Invalid(T record) => Attributes.Where(each => !each.IsValid(record));

    /// <summary>True when the object has to be made anew in the running target to come from one record to the other.</summary>
    /// <param name="from">The record that is in force.</param>
    /// <param name="to">The wanted record.</param>
    /// <param name="effective">As <paramref name="from"/>, with the values that the server chose where an attribute is left out: to write
    /// one of them down changes nothing.</param>
    public bool NeedsRebuild(T from, T to, T effective) => Attributes.Any(attribute =>
        attribute.RebuildsObject && !attribute.HasSameValue(from, to) && !attribute.HasSameValue(effective, to));

    /// <inheritdoc/>
    public IReadOnlyList<string>? Find(string name)
    {
        // A full place first; then our own group, since "key" of a host is also an attribute of the kernel's target.
        IEnumerable<AttributeDefinition<T>> candidates = Attributes.Where(each => each.Place == name || each.Name == name)
            .OrderByDescending(each => each.Place == name)
            .ThenByDescending(each => each.Group == ConfigurationJson.OwnGroup);
        if (candidates.FirstOrDefault() is { } found)
            return found.Group.Length == 0 ? [found.Name] : [found.Group, found.Name];
        foreach (AttributeDefinition<T> attribute in Attributes)
        {
            string? prefix = new[] { attribute.Place + ".", attribute.Name + "." }
                .FirstOrDefault(each => name.StartsWith(each, StringComparison.Ordinal));
            if (prefix is not null && attribute.Inner?.Find(name[prefix.Length..]) is { } inner)
                return attribute.Group.Length == 0 ? [attribute.Name, .. inner] : [attribute.Group, attribute.Name, .. inner];
        }
        return null;
    }

    /// <inheritdoc/>
    public string? Nearest(string name)
    {
        string[] places = [.. Attributes.Select(each => each.Place)];
        string[] names = [.. Attributes.Select(each => each.Name)];
        return Suggestion.Nearest(name, [.. places, .. names]) is not { } nearest ? null
            : Array.IndexOf(places, nearest) >= 0 ? nearest
            : places[Array.IndexOf(names, nearest)];
    }

    /// <summary>Converts a record to the JSON object of a file.</summary>
    public JsonObject Write(T record)
    {
        var written = new JsonObject();
        foreach (AttributeDefinition<T> attribute in Attributes)
        {
            if (attribute.Write(record) is { } value)
                GroupOf(written, attribute.Group)[attribute.Name] = value;
        }
        if (unknown is null)
            return written;
        foreach ((string pointer, string json) in unknown(record).Values)
        {
            string[] steps = pointer.Split('/');
            string group = steps.Length == 2 ? JsonPath.Unescape(steps[0]) : "";
            GroupOf(written, group)[JsonPath.Unescape(steps[^1])] = JsonNode.Parse(json);
        }
        return written;
    }

    /// <summary>JSON schema of the object. What is unknown is allowed, except among our own attributes.</summary>
    public JsonObject Schema()
    {
        JsonObject schema = NewSchema(isOpen: unknown is not null);
        var required = new JsonArray();
        foreach (AttributeDefinition<T> attribute in Attributes)
        {
            JsonObject holder = schema;
            if (attribute.Group.Length != 0)
            {
                var properties = (JsonObject)schema["properties"]!;
                properties.TryAdd(attribute.Group, NewSchema(isOpen: attribute.Group != ConfigurationJson.OwnGroup));
                holder = (JsonObject)properties[attribute.Group]!;
            }
            else if (attribute.IsRequired)
            {
                required.Add((JsonNode)attribute.Name);
            }
            JsonObject value = attribute.Schema();
            if (!attribute.IsRequired)
                AllowNull(value);
            value["description"] = attribute.Description;
            if (DefaultOf(attribute) is { } standard)
                value["default"] = standard;
            ((JsonObject)holder["properties"]!)[attribute.Name] = value;
        }
        if (required.Count != 0)
            schema["required"] = required;
        return schema;
    }

    // An attribute that is null counts as left out.
    private static void AllowNull(JsonObject schema)
    {
        if (schema["enum"] is JsonArray words)
            words.Add((JsonNode?)null);
        else if (schema["type"] is JsonArray types)
            types.Add((JsonNode)"null");
        else if (schema["type"] is { } type)
            schema["type"] = new JsonArray(type.DeepClone(), "null");
    }

    private static JsonObject NewSchema(bool isOpen)
    {
        var schema = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() };
        if (!isOpen)
            schema["additionalProperties"] = false;
        return schema;
    }

    // Templates and the APIs of appliances write null for what they leave out.
    private static JsonTree? FindValue(JsonTree tree, AttributeDefinition<T> attribute) =>
        (attribute.Group.Length == 0 ? tree : tree.Find(attribute.Group))?.Find(attribute.Name) is { Kind: not JsonValueKind.Null } value
            ? value
            : null;

    private static JsonObject GroupOf(JsonObject written, string group)
    {
        if (group.Length == 0)
            return written;
        if (written[group] is not JsonObject found)
            written[group] = found = [];
        return found;
    }

    private static string PointerTo(string group, string name) =>
        group.Length == 0 ? JsonPath.Escape(name) : $"{JsonPath.Escape(group)}/{JsonPath.Escape(name)}";

    private static string? SuggestWord(JsonTree value, IReadOnlyList<string> words) =>
        words.Count != 0
            && value.Text.Length != 0
            && Suggestion.Nearest(value.Text, words) is { } nearest
                ? $"Did you mean \"{nearest}\"?"
                : null;

    private T KeepUnknown(JsonTree tree, T record, UnknownAttributes kept, ReadContext context)
    {
        foreach ((string name, JsonTree value) in tree.Members)
        {
            if (!_groups.Contains(name))
            {
                kept = KeepUnknown("", name, value, kept, context);
                continue;
            }
            if (value.Kind == JsonValueKind.Null)
                continue;
            if (value.Kind != JsonValueKind.Object)
            {
                context.Error(value, $"it is {value.Describe()}, expected an object with attributes.");
                continue;
            }
            foreach ((string inner, JsonTree innerValue) in value.Members)
                kept = KeepUnknown(name, inner, innerValue, kept, context);
        }
        return setUnknown is null ? record : setUnknown(record, kept);
    }

    private UnknownAttributes KeepUnknown(string group, string name, JsonTree value, UnknownAttributes kept, ReadContext context)
    {
        if (_byPlace.TryGetValue(group.Length == 0 ? name : $"{group}.{name}", out AttributeDefinition<T>? known))
            return known.IsKeptOnly ? kept.With(PointerTo(group, name), value.ToJson()) : kept;
        string[] places = [.. Attributes.Where(each => each.Group == group).Select(each => each.Name), .. group.Length == 0 ? _groups : []];
        string? suggestion = Suggestion.Nearest(name, places) is { } nearest ? $"Did you mean \"{nearest}\"?" : null;
        if (group == ConfigurationJson.OwnGroup || unknown is null)
        {
            // Only this server uses the group. The attribute may have been meant as a limit or an access rule, so it must not be ignored.
            context.Error(value, $"there is no attribute \"{name}\" here; known are {string.Join(", ", places)}.", suggestion);
            return kept;
        }

        // People and tools write notes under such names.
        bool isNote = name.StartsWith('_') || name.StartsWith('$');
        if (!isNote)
        {
            context.Warning(value, $"the attribute \"{name}\" of a {title} is not known; it is kept and has no effect.", suggestion
                ?? AnotherPlace(name));
        }
        return kept.With(PointerTo(group, name), value.ToJson());
    }

    // Suggests the full place of an attribute that was written without its group, such as "serial" next to "nqn".
    private string? AnotherPlace(string name) =>
        Attributes.FirstOrDefault(each => each.Name == name && !each.IsKeptOnly) is { } elsewhere
            ? $"\"{elsewhere.Place}\" has one."
            : null;
}
