using System.Diagnostics;
using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Io.Loop;

/// <content>How the loop comes to its next round: it waits for more to come together, asks, looks, spins or sleeps.</content>
public sealed partial class Shard
{
    // A sleep this short is not worth its system call.
    private const int ShortestSleepMicroseconds = 5;

    private static readonly long TicksPerMicrosecond = Stopwatch.Frequency / 1_000_000;

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
            _least.Release();
            TryLook(isSpinning: true, out int found);
            return found;
        }
        if (_sole.IsPaced)
            LetInputGather(_sole.Pace);
        else
            _least.Release();
        if (_spin.Ticks > 0)
        {
            // What is waited for is late before that, so that nothing is waited for in a sleep.
            long end = _least.LatestOr(_passStart) + _spin.Ticks;
            bool lookedInVain = false;
            do
            {
                if (TryLook(isSpinning: true, out int found) || HasWork)
                {
                    if (lookedInVain)
                        _spin.Found();
                    return found;
                }
                Pass(ref _spinTicks);
                lookedInVain = true;
                if (_least.IsLate(_passStart))
                    TakeWhateverComes();
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

    // Takes nothing for as long as more comes together by that. What else there is to do ends it.
    private void LetInputGather(InputPace pace)
    {
        bool isSpinning = _spin.Ticks > 0;
        bool hasDiskWork = _disk!.Outstanding != 0;
        if (isSpinning && !hasDiskWork && !pace.IsMeasuring && pace.LeastBytes > 0)
        {
            _least.Require(_sole.Fd, pace.LeastBytes, pace.LatestInputAt(_passStart));
            return;
        }
        _least.Release();
        if (hasDiskWork)
            pace.PutOff(_passStart);
        else if (pace.IsMeasuring)
            MeasureInput(pace, isSpinning);
        else
            WaitForInput(pace, isSpinning);
    }

    private void MeasureInput(InputPace pace, bool isSpinning)
    {
        // A sleep would be longer than what is measured.
        long look = Stopwatch.GetTimestamp();
        do
            SpinUntil(look += pace.LookTicks);
        while (!HasWork && pace.Look(Stopwatch.GetTimestamp(), WaitingBytes(_sole.Handler!), isSpinning));
        Pass(ref _spinTicks);
    }

    private void WaitForInput(InputPace pace, bool isSpinning)
    {
        long until = pace.NextInputAt(_passStart);
        if (until <= _passStart)
            return;
        if (isSpinning)
        {
            SpinUntil(until);
            Pass(ref _spinTicks);
        }
        else
        {
            long left = until - Stopwatch.GetTimestamp();
            if (left >= ShortestSleepMicroseconds * TicksPerMicrosecond)
                LibC.Sleep(left * 1000 / TicksPerMicrosecond);
            _passStart = Stopwatch.GetTimestamp();
        }
        if (_passStart >= until)
            pace.Waited();
    }

    // What was waited for has not come.
    private void TakeWhateverComes()
    {
        _sole.Pace.WasLate();
        _least.Release();
    }

    private int WaitingBytes(IInputHandler handler)
    {
        try
        {
            return handler.WaitingBytes;
        }
        catch (Exception e)
        {
            Report(e);
            return 0;
        }
    }

    private void SpinUntil(long ticks)
    {
        while (Stopwatch.GetTimestamp() < ticks && !HasWork)
            Thread.SpinWait(4);
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
