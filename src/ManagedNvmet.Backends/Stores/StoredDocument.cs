namespace ManagedNvmet.Backends.Stores;

/// <summary>A document as a store holds it.</summary>
/// <param name="Content">The bytes; empty when the document does not exist.</param>
/// <param name="Version">Names this content: two reads with the same version had the same content.</param>
/// <param name="IsPrivate">True when only its owner may read it.</param>
public readonly record struct StoredDocument(ReadOnlyMemory<byte> Content, string Version, bool IsPrivate = true)
{
    /// <summary>The version of a document that does not exist.</summary>
    public const string Missing = "";

    /// <summary>True when the store holds the document.</summary>
    public bool Exists => Version != Missing;
}
