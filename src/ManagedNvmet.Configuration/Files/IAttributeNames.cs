namespace ManagedNvmet.Configuration;

/// <summary>The names under which a person can set the attributes of one kind of object.</summary>
internal interface IAttributeNames
{
    /// <summary>The kind of the object, such as "port".</summary>
    string Title { get; }

    /// <summary>Finds an attribute by its name, with or without its group, such as <c>serial</c>, <c>attr.serial</c> or
    /// <c>qos.total_iops</c>.</summary>
    /// <returns>The member names from the object to the attribute in the file, such as <c>attr</c>, <c>serial</c>; null when there is no
    /// such attribute.</returns>
    IReadOnlyList<string>? Find(string name);

    /// <summary>The place of the attribute whose name is most like a wrong one, such as <c>attr.model</c>; null when none is.</summary>
    string? Nearest(string name);
}
