namespace ManagedNvmet.Backends.Kinds;

/// <summary>The kinds of namespaces that a server knows. Command line, configuration and help are derived from it. Immutable.</summary>
public sealed class BackendKinds
{
    // What a text without scheme is.
    private readonly BackendKind _default;

    private BackendKinds(IReadOnlyList<BackendKind> all)
    {
        All = all;
        _default = all[0];
    }

    /// <summary>Files and block devices, memory, and nothing.</summary>
    public static BackendKinds Default { get; } = new([new FileBackend(), new MemoryBackend(), new NullBackend()]);

    /// <summary>All of them; a text without scheme is the first one.</summary>
    public IReadOnlyList<BackendKind> All { get; }

    /// <summary>How they are written, such as <c>PATH, mem:SIZE or null:SIZE</c>.</summary>
    public string Forms => $"{string.Join(", ", All.SkipLast(1).Select(kind => kind.Form))} or {All[^1].Form}";

    /// <summary>These kinds and one more.</summary>
    /// <exception cref="ArgumentException">The scheme is taken, or is no word.</exception>
    public BackendKinds With(BackendKind kind)
    {
        ArgumentNullException.ThrowIfNull(kind);
        if (!IsWord(kind.Scheme) || kind.Scheme == "device" || All.Any(each => each.Scheme == kind.Scheme))
        {
            throw new ArgumentException(
                $"\"{kind.Scheme}\" cannot be the scheme of a kind of namespace: expected a word that no other kind has, such as \"s3\".",
                nameof(kind));
        }
        return new BackendKinds([.. All, kind]);
    }

    /// <summary>The kind of a device and the text behind its scheme.</summary>
    public (BackendKind Kind, string Subject) Split(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        foreach (BackendKind kind in All)
        {
            if (device.StartsWith(kind.Scheme, StringComparison.Ordinal) && device.AsSpan(kind.Scheme.Length) is [':', ..])
                return (kind, device[(kind.Scheme.Length + 1)..]);
        }
        return (_default, device);
    }

    /// <summary>True for a device whose kind may be one that only the server knows: it begins with a scheme that is not among these, and no
    /// file has this name.</summary>
    public bool MayBeOfAnotherKind(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        int colon = device.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && IsWord(device[..colon]) && All.All(kind => kind.Scheme != device[..colon]) && !File.Exists(device);
    }

    private static bool IsWord(string scheme) => scheme.Length > 1 && scheme.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>The kinds that take an option, for messages.</summary>
    internal string WithOption(string option) =>
        string.Join(", ", All.Where(kind => kind.Options.Contains(option)).Select(kind => kind.Form));
}
