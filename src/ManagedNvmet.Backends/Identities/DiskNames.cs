namespace ManagedNvmet.Backends.Identities;

/// <summary>The names by which the identity of one disk is found again after a restart.</summary>
public sealed record DiskNames
{
    /// <summary>Names that the disk keeps, whatever the kernel calls it; the most reliable first. Empty when it has none.</summary>
    public IReadOnlyList<string> Lasting { get; init; } = [];

    /// <summary>The name that is used when no name lasts: another disk may have it after a restart.</summary>
    public required string Fallback { get; init; }

    /// <summary>Names under which earlier versions kept the identity of this disk. They are looked up once, to take the identity
    /// over.</summary>
    public IReadOnlyList<string> Former { get; init; } = [];

    /// <summary>Where the disk is now, for messages: a path or a specification.</summary>
    public required string Place { get; init; }

    /// <summary>Equal for two openings of the same disk, until the machine restarts.</summary>
    public required string Disk { get; init; }

    /// <summary>The UUID that the disk itself carries; null when it carries none. An identity that is not known yet is made from
    /// it.</summary>
    public Guid? Carried { get; init; }

    /// <summary>The path of the file that carries the UUID or could: the disk itself, or the file behind a loop device; else
    /// null.</summary>
    public string? File { get; init; }

    /// <summary>Equal for two openings of <see cref="File"/>, until the machine restarts.</summary>
    public string? FileDisk { get; init; }

    /// <summary>The name that a disk had before its file carried a UUID; null when the file carries none.</summary>
    public string? Unmarked { get; init; }

    /// <summary>The names of something that has a single name, such as memory.</summary>
    public static DiskNames OfSingle(string name) => new() { Lasting = [name], Fallback = name, Place = name, Disk = name };
}
