using System.Globalization;
using System.Text;

namespace ManagedNvmet.Simulation.Kernel;

/// <summary>Records all events in a digest, and the latest ones as text.</summary>
internal sealed class Trace(EventLoop loop, int kept = 400)
{
    private readonly (long Time, string What, long A, long B, long C, long D)[] _last = new (long, string, long, long, long, long)[kept];
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public long Count { get; private set; }

    /// <summary>Digest of all events. Two runs with the same events at the same times have the same digest.</summary>
    public ulong Digest { get; private set; } = 0xCBF2_9CE4_8422_2325;

    /// <param name="what">Text of the event; {0} to {3} stand for the numbers.</param>
    public void Add(string what, long a = 0, long b = 0, long c = 0, long d = 0)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new SimulationFailure("The simulation has left its thread.");
        _last[Count++ % _last.Length] = (loop.Now, what, a, b, c, d);
        Mix((ulong)loop.Now);
        foreach (char letter in what)
            Mix(letter);
        Mix((ulong)a);
        Mix((ulong)b);
        Mix((ulong)c);
        Mix((ulong)d);
    }

    /// <summary>Returns the latest events, one per line.</summary>
    public string Tail(int lines)
    {
        var text = new StringBuilder();
        for (long index = Math.Max(0, Count - Math.Min(lines, _last.Length)); index < Count; index++)
        {
            var (time, what, a, b, c, d) = _last[index % _last.Length];
            text.Append(CultureInfo.InvariantCulture, $"{time / 1e6,12:F6}  ");
            text.AppendFormat(CultureInfo.InvariantCulture, what, a, b, c, d).Append('\n');
        }
        return text.ToString();
    }

    private void Mix(ulong value) => Digest = (ulong.RotateLeft(Digest, 5) ^ value) * 0x0000_0100_0000_01B3;
}
