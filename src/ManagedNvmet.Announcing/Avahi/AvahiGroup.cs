namespace ManagedNvmet.Announcing.Avahi;

/// <summary>An entry group of the avahi daemon, which publishes the service of one TCP port.</summary>
internal sealed class AvahiGroup(string path)
{
    private volatile int _state;

    /// <summary>D-Bus object path of the group.</summary>
    public string Path { get; } = path;

    /// <summary>Subscription to the group's state changes; disposing it ends the subscription.</summary>
    public IDisposable? Watch { get; set; }

    /// <summary>The service that the group publishes; null when it publishes none.</summary>
    public PlannedService? Published { get; set; }

    /// <summary>Number of the service's current name: 1 for the first, increased at each name conflict.</summary>
    public int Attempt { get; set; } = 1;

    /// <summary>Last state that the daemon reported: 2 is established, 3 is a collision, 4 is a failure. 0 before the first
    /// report.</summary>
    public int State
    {
        get => _state;
        set => _state = value;
    }
}
