using ManagedNvmet.Backends.Identities;
using Microsoft.Extensions.Logging;

namespace ManagedNvmet.Backends.Kinds;

/// <summary>A kind of namespace: how it is written on the command line and in a configuration file, how it is opened, and under which name
/// its identity is kept. Derive from this class to serve a kind of your own.</summary>
/// <remarks>A kind has no state: it is used from any thread. Every exception that says what is wrong with a namespace is a
/// <see cref="BackendException"/>.</remarks>
public abstract class BackendKind
{
    /// <summary>The word before the colon, such as <c>mem</c>: letters, digits and hyphens.</summary>
    public abstract string Scheme { get; }

    /// <summary>How it is written, for messages and help, such as <c>mem:SIZE</c>.</summary>
    public abstract string Form { get; }

    /// <summary>The options that it takes beside <c>ro</c>, <c>block-size</c> and <c>uuid</c>: some of <c>buffered</c>, <c>create</c> and
    /// <c>force</c>.</summary>
    public virtual IReadOnlyList<string> Options => [];

    /// <summary>True when the subject names one disk, which is then served once and has one identity. False when each namespace is a disk
    /// of its own, as memory is: its identity belongs to subsystem and NSID.</summary>
    public virtual bool NamesDisk => true;

    /// <summary>Checks the text behind the colon.</summary>
    /// <exception cref="BackendException">It is wrong; the message says what was expected.</exception>
    public virtual void Check(string subject)
    {
        if (subject.Length == 0)
            throw new BackendException($"\"{Scheme}:\" names nothing; expected {Form}.");
    }

    /// <summary>The device as a configuration has it, whatever folder the server runs in.</summary>
    public virtual string Write(string subject) => $"{Scheme}:{subject}";

    /// <summary>The name that tells two disks of this kind apart without opening them.</summary>
    public virtual string NameOf(NamespaceSpec spec) => $"{Scheme}:{spec.Subject}";

    /// <summary>Equal for two specifications of one disk, as it is now; null while there is no such disk.</summary>
    public virtual string? DiskOf(NamespaceSpec spec) => NameOf(spec);

    /// <summary>True when it is certain without opening that the disk is not there.</summary>
    public virtual bool IsMissing(NamespaceSpec spec) => false;

    /// <summary>Opens the device.</summary>
    /// <exception cref="BackendException">It cannot be opened.</exception>
    public abstract BlockDevice Open(NamespaceSpec spec, ILogger logger);

    /// <summary>The names under which the identity of an open device of a kind with <see cref="NamesDisk"/> is kept.</summary>
    public virtual DiskNames NamesOf(BlockDevice device, NamespaceSpec spec) => DiskNames.OfSingle(NameOf(spec));

    /// <summary>Reads the size and the write protection of an open device again, where they change from outside. Its properties then have
    /// them.</summary>
    public virtual void Refresh(BlockDevice device)
    {
    }

    /// <summary>What carries the namespace, in a few words for a person.</summary>
    public virtual string Describe(BlockDevice device) => Scheme;
}
