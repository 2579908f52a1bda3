using System.Diagnostics;

namespace ManagedNvmet.Io;

/// <content>How the loop comes to its next round: it asks, looks, spins or sleeps.</content>
public sealed partial class Shard
{
    private bool HasWork => _posts.HasWork || _disk!.HasWork || _roundEnd.Count != 0;

    private int Wait()
    {
        if (_early is not null)
        {
            HandOverEarly();
            return 0;
        }
        if (HasWork)
        {
            TryLook(isSpinning: true, out int found);
            return found;
        }
        if (_spin.Ticks > 0)
        {
            long end = _passStart + _spin.Ticks;
            do
            {
                if (TryLook(isSpinning: true, out int found) || HasWork)
                    return found;
                Pass(ref _spinTicks);
            }
            while (_passStart < end);
        }
        else if (_sole.MayAsk(_passStart) && TryLook(isSpinning: false, out int found))
            return found;
        int timeout = TimeoutMilliseconds();
        if (timeout == 0 || !_posts.TryBeginSleep())
            return Look(0);
        int count = 0;
        if (_disk!.TryBeginSleep())
        {
            Volatile.Write(ref _sleepCount, _sleepCount + 1);
            count = Look(timeout);
            long asleep = _passStart;
            _passStart = Stopwatch.GetTimestamp();
            _spin.Slept(_passStart - asleep);
        }
        _posts.EndSleep();
        _disk.EndSleep();
        return count;
    }

    // Looks for input without sleeping, of one descriptor or of all. True when there was any; what is ready is still to be handled.
    private bool TryLook(bool isSpinning, out int ready)
    {
        ready = 0;
        if (!_sole.MayAsk(_passStart))
        {
            ready = Look(0);
            return ready > 0;
        }
        bool took = true;
        try
        {
            took = _sole.Handler!.TryTakeInput();
        }
        catch (Exception e)
        {
            Report(e);
        }
        if (took)
            _sole.Took();
        else
            _sole.Missed(isSpinning);
        return took;
    }

    // Looks at all descriptors.
    private int Look(int timeoutMilliseconds)
    {
        int ready = _polls.Wait(timeoutMilliseconds);
        if (ready == 1)
            _sole.FoundOne(_polls.Take(0, out int fd, out _), fd, _passStart);
        else if (ready == 0)
            _sole.FoundNone(_passStart);
        else
            _sole.Forget();
        return ready;
    }

    // Ends a pass of the loop, and counts its time as one kind of it.
    private void Pass(ref long ticks)
    {
        long now = Stopwatch.GetTimestamp();
        Volatile.Write(ref ticks, ticks + now - _passStart);
        _passStart = now;
    }

    private int TimeoutMilliseconds()
    {
        long next = Math.Min(_timers.NextDue, _stopDeadline);
        return next == long.MaxValue ? -1 : (int)Math.Clamp(next - Environment.TickCount64, 0, int.MaxValue);
    }
}
