using System.Text.Json.Nodes;

namespace ManagedNvmet.Configuration;

/// <summary>The JSON schema of configuration files, for editors.</summary>
public static class ConfigurationSchema
{
    /// <summary>The schema as text; the same as schema/target-configuration.schema.json of the repository.</summary>
    public static string Write()
    {
        JsonObject schema = ConfigurationTables.Target.Schema();
        schema.Insert(0, "$schema", "http://json-schema.org/draft-07/schema#");
        schema.Insert(1, "title", "Configuration of an NVMe/TCP target");
        schema.Insert(2, "description", "The shape that nvmetcli saves; what it does not know stands in groups named "
            + $"{ConfigurationJson.OwnGroup}.");
        return schema.ToJsonString(ConfigurationJson.Indented) + "\n";
    }
}
