namespace ManagedNvmet.Backends.Stores;

/// <summary>Keeps one document, such as the configuration or the identities of disks, together with a version. A writer names the version
/// that it has read, so that two writers never lose each other's change.</summary>
/// <remarks>Calls block until the document is read or durably written, so they belong on management threads and never on a shard. May be
/// used from any thread.</remarks>
public interface IDocumentStore
{
    /// <summary>Where the document is, for messages: the path of a file.</summary>
    string Name { get; }

    /// <summary>Reads the document and its version.</summary>
    /// <exception cref="IOException">The document cannot be read. A document that does not exist is no error.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    StoredDocument Read();

    /// <summary>Replaces the document as a whole and durably, if it still has the expected version.</summary>
    /// <param name="content">The new content.</param>
    /// <param name="expectedVersion">The version that the caller has read; <see cref="StoredDocument.Missing"/> to create the
    /// document.</param>
    /// <returns>The new version; null when the stored version is another one, and then nothing is written.</returns>
    /// <exception cref="IOException">The document cannot be written; the old one is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write it.</exception>
    string? TryWrite(ReadOnlySpan<byte> content, string expectedVersion);
}
