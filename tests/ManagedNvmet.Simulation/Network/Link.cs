using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Network;

/// <summary>A simulated network connection between a host and the target.</summary>
internal sealed class Link
{
    // Time after which the operating system closes a connection whose peer is silent.
    private const long MaxSilence = 30 * EventLoop.Second;

    private readonly World _world;

    public Link(World world, int id, NetworkOptions options)
    {
        _world = world;
        Id = id;
        ToTarget = new Pipe(world, this, options);
        ToHost = new Pipe(world, this, options);
    }

    public int Id { get; }

    public Pipe ToTarget { get; }

    public Pipe ToHost { get; }

    /// <summary>True when a network fault has affected the connection, so that errors on it are no defect.</summary>
    public bool IsDisturbed { get; set; }

    /// <summary>True when a bit was changed in transit.</summary>
    public bool IsCorrupted { get; private set; }

    /// <summary>True when the connection was reset, so that bytes in transit are lost.</summary>
    public bool IsReset { get; private set; }

    /// <summary>Resets the connection. Each end notices at a different time.</summary>
    public void Reset()
    {
        if (IsReset)
            return;
        IsReset = true;
        IsDisturbed = true;
        _world.Trace.Add("link {0}: reset", Id);
        foreach (Pipe pipe in new[] { ToTarget, ToHost })
            _world.Loop.After(_world.Random.Skewed(10, 200_000), () => pipe.Receiver?.NoteReset());
    }

    /// <summary>Drops all bytes in both directions. The ends notice only after a long time.</summary>
    public void FallSilent()
    {
        IsDisturbed = true;
        ToTarget.IsSilent = true;
        ToHost.IsSilent = true;
        _world.Trace.Add("link {0}: silent", Id);
        _world.Loop.After(_world.Random.Between(1, 10) * MaxSilence / 10, Reset);
    }

    /// <summary>Changes a bit in transit. Only for connections with both digests, because nothing else detects it.</summary>
    public void Corrupt()
    {
        IsDisturbed = true;
        IsCorrupted = true;
        (_world.Random.Chance(50) ? ToTarget : ToHost).CorruptAfter(_world.Random.Skewed(0, 8000));
    }
}
