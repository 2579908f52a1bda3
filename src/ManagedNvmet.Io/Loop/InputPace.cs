namespace ManagedNvmet.Io.Loop;

/// <summary>What a loop waits for before it takes the next input of the only one that has any, so that more of it comes together.</summary>
/// <remarks>
/// A host that is slower than the loop hands over its commands in a trickle, and each few of them cost a round. Such a host has work of its own
/// for as long as it has answers to look at, so that nothing is lost while up to half of all that it has on its way is waited for. How much that
/// is, and in which time it comes, is measured once in a while (<see cref="InputGauge"/>).
/// A loop that spins, where a look costs little, waits for an amount: <see cref="LeastBytes"/>, made such that no more than half comes together. Another
/// one waits for a time, so that it need not look before there is enough, unless half comes together anyway. A host that never stops, since it does
/// not wait for answers, is not kept waiting, nor is one that waits for answers itself. A pure function of what is told; belongs to one thread.
/// </remarks>
internal sealed class InputPace
{
    // Fewer at a time are a host that waits for each answer, with its data and its status.
    private const int FewestPieces = 3;

    // Fewer after so many are the end of those, which did not fit one packet. Where calls are dear, nobody has measured what that changes.
    private const int ManyPieces = 12;

    // So many rounds come before a measurement, and so many in which there was nothing to wait for end the waits. One with fewer pieces takes
    // some off. After so many as well the amount is made another one, where they had too few pieces or too many.
    private const int EnoughRounds = 16;
    private const int CostOfFewInRounds = 4;

    // What a wait that was no good costs, and how much of that ends the waits. A good one takes 1 off.
    private const int CostOfNothing = 4;
    private const int CostOfFew = 16;
    private const int MostCost = 32;

    private const int MostMicroseconds = 100;

    // A sleep and a wake-up each time are not worth it for less than this.
    private const int ShortestSleepMicroseconds = 50;

    private readonly long _ticksPerMicrosecond;
    private readonly int _mostBytes;
    private readonly bool _savesCalls;
    private readonly InputGauge _gauge;
    private long _takenAt;
    private int _pieces;

    // Rounds with enough pieces, or since the amount was made another one.
    private int _rounds;

    // While nothing is waited for: how far apart the rounds are (0: not known yet).
    private long _interval;

    // While it is waited: for how many pieces (0: not known yet), and whether that is any good.
    private int _wanted;
    private int _cost;

    // While it is waited for a time: how long from one input to the next (0: it is not).
    private long _period;
    private int _roundsWithoutWait;
    private bool _hasWaited;
    private bool _startsAnew;

    // While it is waited for an amount: the most of it, how long, and what came since it was made another one.
    private int _mostLeastBytes;
    private long _patience;
    private int _piecesOfRounds;

    /// <param name="ticksPerMicrosecond">Of the clock that is told.</param>
    /// <param name="mostBytes">What is taken at a time at most.</param>
    /// <param name="savesCalls">A look is so dear that it is always waited for a time.</param>
    public InputPace(long ticksPerMicrosecond, int mostBytes, bool savesCalls)
    {
        _ticksPerMicrosecond = ticksPerMicrosecond;
        _mostBytes = mostBytes;
        _savesCalls = savesCalls;
        _gauge = new InputGauge(ticksPerMicrosecond);
    }

    /// <summary>Nothing is to be taken before <see cref="NextInputAt"/> or <see cref="LeastBytes"/>, or before a measurement has ended.</summary>
    public bool IsActive => _period > 0 || LeastBytes > 0 || IsMeasuring;

    /// <summary>Nothing is to be taken until <see cref="Look"/> says so, which is to be told what has come at every <see cref="LookTicks"/>.</summary>
    public bool IsMeasuring => _gauge.IsMeasuring;

    /// <summary>How far apart the looks of a measurement are.</summary>
    public long LookTicks => _gauge.LookTicks;

    /// <summary>Nothing is to be taken before so much has come, by a loop that spins, unless that is late; 0 when anything is.</summary>
    public int LeastBytes { get; private set; }

    // Half of all that there is, or as much of it as is taken at a time.
    private long WantedBytes => Math.Min(_gauge.Bytes / 2, _mostBytes / 4 * 3);

    /// <summary>When <see cref="LeastBytes"/> are late, in ticks.</summary>
    /// <param name="roundEnd">When the round that took the last input ended, in ticks.</param>
    public long LatestInputAt(long roundEnd) => roundEnd + _patience;

    /// <summary>They were, and whatever comes is taken.</summary>
    public void WasLate()
    {
        _cost += CostOfNothing;
        if (_cost >= MostCost)
            End();
    }

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
        bool isEndOfMany = !_savesCalls && _pieces >= ManyPieces;
        _takenAt = takenAt;
        _pieces = pieces;
        if (IsMeasuring)
            EndMeasurement(takenAt);
        else if (_period == 0 && LeastBytes == 0)
            TookAtOnce(takenAt, passed, isEndOfMany ? Math.Max(pieces, FewestPieces) : pieces);
        else if (_wanted == 0)
            _wanted = Math.Max(FewestPieces, (int)(WantedBytes * pieces / Math.Max(1, bytes)));
        else if (LeastBytes > 0)
            TookAmount(takenAt, pieces);
        else
            TookInTime(takenAt, pieces, wasMissed);
    }

    /// <summary>A look of a measurement.</summary>
    /// <param name="now">The time, in ticks.</param>
    /// <param name="available">Bytes that have come and were not taken.</param>
    /// <param name="isSpinning">The loop spins where it waits, and does not sleep.</param>
    /// <returns>False when the measurement has ended.</returns>
    public bool Look(long now, int available, bool isSpinning)
    {
        if (_gauge.Look(now, available))
            return true;
        _rounds = 0;
        _startsAnew = true;
        bool isOfUse = isSpinning && !_savesCalls ? WaitForAmount() : WaitForTime(isSpinning);
        if (!isOfUse)
            return false;
        _gauge.PutOff(now);
        _wanted = 0;
        _cost = 0;
        _piecesOfRounds = 0;
        _roundsWithoutWait = 0;
        _hasWaited = false;
        return false;
    }

    /// <summary>Ends what is in hand; the next measurement comes in half a second.</summary>
    /// <param name="now">The time, in ticks.</param>
    public void PutOff(long now)
    {
        End();
        _gauge.PutOff(now);
    }

    /// <summary>Another one is the only one now.</summary>
    public void Forget()
    {
        End();
        _gauge.Forget();
    }

    private bool WaitForAmount()
    {
        if (!_gauge.IsWhole || _gauge.Bytes == 0)
            return false;

        // Half of what is wanted at first: of a mix with writes, or where they differ in size, less is there now and then.
        _mostLeastBytes = (int)(WantedBytes / 8 * 7);
        LeastBytes = (int)Math.Max(1, WantedBytes / 2);
        _patience = Math.Clamp(_gauge.GrowthTicks, _gauge.QuietTicks, MostMicroseconds * _ticksPerMicrosecond);
        _period = 0;
        return true;
    }

    private bool WaitForTime(bool isSpinning)
    {
        long half = _gauge.GrowthTicks / 2;
        long shortest = isSpinning ? 0 : ShortestSleepMicroseconds * _ticksPerMicrosecond;
        if (!_gauge.IsTrickle || half < shortest || (_period == 0 && half - (half / 8) <= _interval))
            return false;
        _period = Math.Min(half, MostMicroseconds * _ticksPerMicrosecond);
        LeastBytes = 0;
        return true;
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
        if (_rounds > EnoughRounds && _gauge.IsDue(takenAt))
            _gauge.Begin(takenAt);
    }

    private void TookAmount(long takenAt, int taken)
    {
        _cost = Math.Max(0, _cost - 1);
        _piecesOfRounds += taken;
        if (_gauge.IsDue(takenAt))
        {
            _gauge.Begin(takenAt);
        }
        else if (++_rounds >= EnoughRounds)
        {
            int pieces = _piecesOfRounds / _rounds;
            if (pieces > _wanted)
                LeastBytes -= LeastBytes / 8;
            else if (pieces < _wanted - (_wanted / 4))
                LeastBytes = Math.Min(LeastBytes + (LeastBytes / 8), _mostLeastBytes);
            _rounds = 0;
            _piecesOfRounds = 0;
        }
    }

    private void TookInTime(long takenAt, int pieces, bool wasMissed)
    {
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
        else if (_gauge.IsDue(takenAt))
            _gauge.Begin(takenAt);
        else if (pieces > _wanted + (_wanted / 8))
            _period -= _period / 16;
        else if (pieces < _wanted - (_wanted / 8))
            _period = Math.Min(_period + (_period / 16), MostMicroseconds * _ticksPerMicrosecond);
    }

    private void EndMeasurement(long now)
    {
        _gauge.End(now);
        _rounds = 0;
    }

    // The next measurement comes when it would have come otherwise.
    private void End()
    {
        _period = 0;
        LeastBytes = 0;
        _rounds = 0;
    }
}
