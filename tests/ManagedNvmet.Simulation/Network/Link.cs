using ManagedNvmet.Simulation.Kernel;

namespace ManagedNvmet.Simulation.Network;

/// <summary>One connection between a host and the target.</summary>
internal sealed class Link
{
    // A peer that nobody hears of any more is given up by the operating system sometime.
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

    /// <summary>The network has done something to it that no host has to put up with quietly.</summary>
    public bool IsDisturbed { get; set; }

    /// <summary>A bit was damaged on its way.</summary>
    public bool IsCorrupted { get; private set; }

    /// <summary>What is on its way is lost.</summary>
    public bool IsReset { get; private set; }

    /// <summary>The network loses the connection. Each end hears of it in its own time.</summary>
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

    /// <summary>Nothing arrives any more in either direction, and nobody is told for a long time.</summary>
    public void FallSilent()
    {
        IsDisturbed = true;
        ToTarget.IsSilent = true;
        ToHost.IsSilent = true;
        _world.Trace.Add("link {0}: silent", Id);
        _world.Loop.After(_world.Random.Between(1, 10) * MaxSilence / 10, Reset);
    }

    /// <summary>Damages a bit. Only for connections with both digests, since nothing else would find it.</summary>
    public void Corrupt()
    {
        IsDisturbed = true;
        IsCorrupted = true;
        (_world.Random.Chance(50) ? ToTarget : ToHost).CorruptAfter(_world.Random.Skewed(0, 8000));
    }
}
