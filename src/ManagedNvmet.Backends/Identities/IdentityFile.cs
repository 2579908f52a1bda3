using System.Text.Json;
using System.Text.Json.Serialization;

namespace ManagedNvmet.Backends.Identities;

/// <summary>The identities as they stand in the file.</summary>
internal sealed record IdentityFile
{
    public const int CurrentVersion = 1;

    [JsonRequired]
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Serial numbers by the NQN of the subsystem.</summary>
    [JsonRequired]
    public SortedDictionary<string, string> SerialNumbers { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Identities by the key of the namespace.</summary>
    [JsonRequired]
    public SortedDictionary<string, Entry> Namespaces { get; init; } = new(StringComparer.Ordinal);

    public static IdentityFile Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, IdentityJson.Default.IdentityFile) ?? throw new JsonException("There is nothing in it.");

    public byte[] Write() => [.. JsonSerializer.SerializeToUtf8Bytes(this, IdentityJson.Default.IdentityFile), (byte)'\n'];

    internal sealed record Entry
    {
        [JsonRequired]
        public required Guid Uuid { get; init; }

        /// <summary>32 hexadecimal digits.</summary>
        [JsonRequired]
        public required string Nguid { get; init; }

        /// <summary>16 hexadecimal digits.</summary>
        [JsonRequired]
        public required string Eui64 { get; init; }

        /// <summary>Other lasting names of the same disk; null when it has one name only.</summary>
        public IReadOnlyList<string>? Names { get; init; }

        /// <summary>The path where the disk was last seen; null in an entry of an earlier version.</summary>
        public string? Place { get; init; }
    }
}
