namespace ManagedNvmet.Io;

/// <summary>How long a loop waits before it takes the next input of the only one that has any, so that more of it comes together.</summary>
/// <remarks>
/// A host that is slower than the loop hands over its commands in a trickle, and each few of them cost a round. Such a host has work of its own
/// for as long as it has answers to look at, so that nothing is lost while half of all that it has on its way is waited for. How much that is, is
/// measured once in a while: nothing is taken until no more comes. A host that never stops, since it does not wait for answers, is not kept
/// waiting, nor is one that waits for answers itself, nor one of which half comes together anyway. A pure function of what is told; belongs to one
/// thread.
/// </remarks>
internal sealed class InputPace
{
    // Fewer at a time are a host that waits for each answer, with its data and its status.
    private const int FewestPieces = 3;

    // So many rounds come before a measurement, and so many in which there was nothing to wait for end the waits. One with fewer pieces takes
    // some off.
    private const int EnoughRounds = 16;
    private const int CostOfFewInRounds = 4;

    // A trickle is seen to grow so often, and at half of the looks at least: otherwise the host waits as well.
    private const int FewestGrowths = 3;

    // What a wait that was no good costs, and how much of that ends the waits. A good one takes 1 off.
    private const int CostOfNothing = 4;
    private const int CostOfFew = 16;
    private const int MostCost = 32;

    private const int LookMicroseconds = 10;
    private const int QuietMicroseconds = 30;
    private const int MostMicroseconds = 100;
    private const int MostMeasuredMicroseconds = 500;
    private const int ShortestRestMicroseconds = 30_000;
    private const int RestMicroseconds = 500_000;

    private readonly long _ticksPerMicrosecond;
    private readonly int _mostBytes;
    private long _takenAt;

    // While nothing is waited for: rounds with enough pieces, and how far apart all are (0: not known yet).
    private int _rounds;
    private long _interval;

    // While it is waited: how long from one input to the next (0: it is not), and for how many pieces (0: not known yet).
    private long _period;
    private int _wanted;
    private int _cost;
    private int _roundsWithoutWait;
    private bool _hasWaited;
    private bool _startsAnew;

    // When it is measured again, and how long after that if it is of no use.
    private long _nextMeasurement;
    private long _rest;

    // The measurement in hand: what had come at the last look, when there was seen to be more, and at how many looks.
    private int _available;
    private long _grewAt;
    private int _looks;
    private int _looksWhileGrowing;
    private int _growths;

    /// <param name="ticksPerSecond">Of the clock that is told.</param>
    /// <param name="mostBytes">What is taken at a time at most.</param>
    public InputPace(long ticksPerSecond, int mostBytes)
    {
        _ticksPerMicrosecond = Math.Max(1, ticksPerSecond / 1_000_000);
        _mostBytes = mostBytes;
        Forget();
    }

    /// <summary>Nothing is to be taken before <see cref="NextInputAt"/>, or before a measurement has ended.</summary>
    public bool IsActive => _period > 0 || IsMeasuring;

    /// <summary>Nothing is to be taken until <see cref="Look"/> says so, which is to be told what has come at every <see cref="LookTicks"/>.</summary>
    public bool IsMeasuring { get; private set; }

    /// <summary>How far apart the looks of a measurement are.</summary>
    public long LookTicks => LookMicroseconds * _ticksPerMicrosecond;

    /// <summary>When the next input is to be taken, in ticks.</summary>
    /// <param name="roundEnd">When the round that took the last input ended, in ticks.</param>
    public long NextInputAt(long roundEnd)
    {
        // All that there is was answered together, and half of it is not there again before its time after that.
        if (_startsAnew)
            _takenAt = roundEnd;
        _startsAnew = false;
        return _takenAt + _period;
    }

    /// <summary>It has been waited until then.</summary>
    public void Waited() => _hasWaited = true;

    /// <summary>A round ends in which input of the only one was taken.</summary>
    /// <param name="takenAt">When that was, in ticks.</param>
    /// <param name="pieces">How many came.</param>
    /// <param name="bytes">How large they were together.</param>
    /// <param name="wasMissed">It had been looked for in vain.</param>
    public void Took(long takenAt, int pieces, int bytes, bool wasMissed)
    {
        long passed = takenAt - _takenAt;
        _takenAt = takenAt;
        if (IsMeasuring)
            EndMeasurement(takenAt);
        else if (_period > 0)
            TookPaced(takenAt, pieces, bytes, wasMissed);
        else
            TookAtOnce(takenAt, passed, pieces);
    }

    /// <summary>A look of a measurement.</summary>
    /// <param name="now">The time, in ticks.</param>
    /// <param name="available">Bytes that have come and were not taken.</param>
    /// <param name="shortestWait">A wait shorter than this is not worth it, in ticks.</param>
    /// <returns>False when the measurement has ended.</returns>
    public bool Look(long now, int available, long shortestWait)
    {
        _looks++;
        if (available > _available)
        {
            _available = available;
            _grewAt = now;
            _looksWhileGrowing = _looks;
            _growths++;
        }
        bool isQuiet = now - _grewAt >= QuietMicroseconds * _ticksPerMicrosecond;
        if (!isQuiet && now - _takenAt < MostMeasuredMicroseconds * _ticksPerMicrosecond)
            return true;
        EndMeasurement(now);
        _startsAnew = true;
        bool isTrickle = isQuiet && _growths >= FewestGrowths && _growths * 2 >= _looksWhileGrowing;
        long half = (_grewAt - _takenAt) / 2;
        if (!isTrickle || half < shortestWait || (_period == 0 && half - (half / 8) <= _interval))
            return false;
        SetRest(now, RestMicroseconds);
        _period = Math.Min(half, MostMicroseconds * _ticksPerMicrosecond);
        _wanted = 0;
        _cost = 0;
        _roundsWithoutWait = 0;
        _hasWaited = false;
        return false;
    }

    /// <summary>Ends what is in hand; the next measurement comes in half a second.</summary>
    /// <param name="now">The time, in ticks.</param>
    public void PutOff(long now)
    {
        Forget();
        SetRest(now, RestMicroseconds);
    }

    /// <summary>Another one is the only one now.</summary>
    public void Forget()
    {
        IsMeasuring = false;
        End();
        SetRest(0, 0);
    }

    private void TookAtOnce(long takenAt, long passed, int pieces)
    {
        if (pieces < FewestPieces)
        {
            _rounds = Math.Max(0, _rounds - CostOfFewInRounds);
            return;
        }
        if (_rounds++ == 0)
            _interval = 0;
        else
            _interval = _interval == 0 ? passed : _interval + ((passed - _interval) / 8);
        if (_rounds > EnoughRounds && takenAt >= _nextMeasurement)
            BeginMeasurement(takenAt);
    }

    private void TookPaced(long takenAt, int pieces, int bytes, bool wasMissed)
    {
        if (_wanted == 0)
        {
            // The first input after the measurement: all that there is, or as much of it as is taken at a time.
            long wantedBytes = Math.Min(_available / 2, _mostBytes / 4 * 3);
            _wanted = Math.Max(FewestPieces, (int)(wantedBytes * pieces / Math.Max(1, bytes)));
            return;
        }
        if (!_hasWaited)
        {
            if (++_roundsWithoutWait >= EnoughRounds)
                End();
            return;
        }
        _hasWaited = false;
        _roundsWithoutWait = 0;
        _startsAnew = wasMissed;
        if (pieces < FewestPieces)
            _cost += CostOfFew;
        else
            _cost = wasMissed ? _cost + CostOfNothing : Math.Max(0, _cost - 1);
        if (_cost >= MostCost)
            End();
        else if (takenAt >= _nextMeasurement)
            BeginMeasurement(takenAt);
        else if (pieces > _wanted + (_wanted / 8))
            _period -= _period / 16;
        else if (pieces < _wanted - (_wanted / 8))
            _period = Math.Min(_period + (_period / 16), MostMicroseconds * _ticksPerMicrosecond);
    }

    // The next measurement comes when it would have come otherwise.
    private void End()
    {
        _period = 0;
        _rounds = 0;
    }

    private void BeginMeasurement(long now)
    {
        IsMeasuring = true;
        _available = 0;
        _grewAt = now;
        _looks = 0;
        _looksWhileGrowing = 0;
        _growths = 0;
    }

    // If it is of no use, the next one comes soon, and later each time.
    private void EndMeasurement(long now)
    {
        IsMeasuring = false;
        _rounds = 0;
        SetRest(now, _rest);
    }

    private void SetRest(long now, long microseconds)
    {
        _nextMeasurement = now + (microseconds * _ticksPerMicrosecond);
        _rest = Math.Min(Math.Max(microseconds * 2, ShortestRestMicroseconds), RestMicroseconds);
    }
}
