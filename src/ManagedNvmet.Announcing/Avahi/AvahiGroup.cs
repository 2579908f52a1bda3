namespace ManagedNvmet.Announcing.Avahi;

/// <summary>A service that the daemon was given.</summary>
internal sealed class AvahiGroup(string path)
{
    private volatile int _state;

    /// <summary>Where the daemon has it.</summary>
    public string Path { get; } = path;

    /// <summary>Ends the watching of its state.</summary>
    public IDisposable? Watch { get; set; }

    /// <summary>What was published last; null when nothing is.</summary>
    public PlannedService? Published { get; set; }

    /// <summary>Which of its names it has.</summary>
    public int Attempt { get; set; } = 1;

    /// <summary>What the daemon said last: 2 for established, 3 for a collision, 4 for a failure.</summary>
    public int State
    {
        get => _state;
        set => _state = value;
    }
}
