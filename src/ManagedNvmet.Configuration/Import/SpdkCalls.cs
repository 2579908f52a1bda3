using System.Text.Json;

namespace ManagedNvmet.Configuration;

/// <summary>The calls of SPDK's save_config that the importer understands, with the parameters that it takes over.</summary>
internal static class SpdkCalls
{
    // Versions before 20.01 used other names for the same calls.
    private static readonly Dictionary<string, string> FormerNames = new(StringComparer.Ordinal)
    {
        ["construct_malloc_bdev"] = "bdev_malloc_create",
        ["construct_null_bdev"] = "bdev_null_create",
        ["construct_aio_bdev"] = "bdev_aio_create",
        ["set_bdev_qos_limit"] = "bdev_set_qos_limit",
        ["nvmf_subsystem_create"] = "nvmf_create_subsystem",
    };

    private static readonly Dictionary<string, string[]> Parameters = new(StringComparer.Ordinal)
    {
        ["bdev_malloc_create"] = ["name", "num_blocks", "block_size", "uuid"],
        ["bdev_null_create"] = ["name", "num_blocks", "block_size", "uuid"],
        ["bdev_aio_create"] = ["name", "filename", "block_size", "readonly", "uuid"],
        ["bdev_uring_create"] = ["name", "filename", "block_size", "readonly", "uuid"],
        ["bdev_set_qos_limit"] = ["name", "rw_ios_per_sec", "rw_mbytes_per_sec", "r_mbytes_per_sec", "w_mbytes_per_sec"],
        ["nvmf_create_subsystem"] = ["nqn", "allow_any_host", "serial_number", "model_number", "min_cntlid", "max_cntlid"],
        ["nvmf_subsystem_allow_any_host"] = ["nqn", "allow_any_host", "disable"],
        ["nvmf_subsystem_add_host"] = ["nqn", "host", "psk", "dhchap_key", "dhchap_ctrlr_key"],
        ["nvmf_subsystem_add_ns"] =
        [
            "nqn", "namespace.nsid", "namespace.bdev_name", "namespace.uuid", "namespace.nguid", "namespace.eui64", "namespace.anagrpid",
            "namespace.no_auto_visible",
        ],
        ["nvmf_ns_add_host"] = ["nqn", "nsid", "host"],
        ["nvmf_ns_visible"] = ["nqn", "nsid", "host"],
        ["nvmf_subsystem_add_listener"] =
        [
            "nqn", "listen_address.trtype", "listen_address.adrfam", "listen_address.traddr", "listen_address.trsvcid", "secure_channel",
        ],
        ["nvmf_discovery_add_referral"] = ["address.trtype", "address.adrfam", "address.traddr", "address.trsvcid", "secure_channel"],
    };

    /// <summary>The name of a call in current versions.</summary>
    public static string CurrentName(string method) => FormerNames.GetValueOrDefault(method, method);

    /// <summary>The parameters of an understood call that are not taken over, except those that turn nothing on: false, 0 and empty
    /// values.</summary>
    public static IEnumerable<string> IgnoredParameters(string method, JsonTree? parameters) =>
        parameters is null || !Parameters.TryGetValue(method, out string[]? known)
            ? []
            : Leaves(parameters, "").Where(leaf => !known.Contains(leaf.Name) && HasMeaning(leaf.Value)).Select(leaf => leaf.Name);

    private static IEnumerable<(string Name, JsonTree Value)> Leaves(JsonTree tree, string prefix) => tree.Members.SelectMany(member =>
        member.Value.Kind == JsonValueKind.Object
            ? Leaves(member.Value, $"{prefix}{member.Key}.")
            : [($"{prefix}{member.Key}", member.Value)]);

    private static bool HasMeaning(JsonTree value) => value.Kind switch
    {
        JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Array => value.Items.Count != 0,
        _ => value.Text.Length != 0 && value.Text.Trim('0', '-').Length != 0,
    };
}
