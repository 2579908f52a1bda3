namespace ManagedNvmet.Io.Loop;

/// <summary>Which handler is the only one to have had input lately, and may be asked for more without a look at all descriptors.</summary>
/// <remarks>
/// Others wait no longer for that than the limit, and the first of them that has anything ends it. Where asking is in vain, as with a host
/// that waits for each answer, it is soon not done any more. Nor is it where pieces come in a trickle: they were waited for, and come now more,
/// now fewer at a time. There the time of a look is the time in which more of them come, to be taken together, unless <see cref="Pace"/> tells
/// how long to wait for that. Where as many come each time, they are all that a host has on its way, and no more would come.
/// Where system calls are cheap it is done for few pieces at a time only, whose host waits for each answer. For many a look costs little, and
/// less than to ask: that takes the socket's lock, and waits for it while the host's packets are being delivered. A pure function of what is
/// told; belongs to one thread.
/// </remarks>
internal sealed class SoleInput
{
    private const int EnoughCredit = 4;
    private const int MostCredit = 8;
    private const int MissCost = 32;

    // Fewer at a time are a host that waits for each answer, with its data and its status.
    private const int FewestOfTrickle = 3;

    // Of fewer at a time, what comes while they are answered is not worth the work of receiving it early.
    private const int FewestOfMany = 8;

    private readonly long _limitTicks;
    private readonly bool _savesCalls;
    private int _credit;

    // Looks that found it alone, one after the other, and whom the pace is of.
    private int _looksAlone;
    private int _pacedFd = -1;
    private long _lookedAt;
    private int _pieces;
    private bool _trickles;

    private bool _took;

    // Nothing was there when it was asked or looked for: since the end of the last round in which it had input, and before that.
    private bool _waits;
    private bool _waited;

    /// <param name="limitTicks">The longest time between two looks at all descriptors, in ticks.</param>
    /// <param name="savesCalls">System calls are so dear that each of them is worth saving.</param>
    /// <param name="pace">Told what it takes.</param>
    public SoleInput(long limitTicks, bool savesCalls, InputPace pace)
    {
        _limitTicks = limitTicks;
        _savesCalls = savesCalls;
        Pace = pace;
    }

    /// <summary>Whom to ask, while <see cref="MayAsk"/>.</summary>
    public IInputHandler? Handler { get; private set; }

    /// <summary>Its descriptor, or -1.</summary>
    public int Fd { get; private set; } = -1;

    /// <summary>What to wait for, and how long, while <see cref="IsPaced"/>.</summary>
    public InputPace Pace { get; }

    /// <summary>Its input is not to be taken as soon as there is any.</summary>
    public bool IsPaced => Pace.IsActive && _pacedFd == Fd && _looksAlone >= EnoughCredit;

    /// <summary>The handler may be asked now, instead of a look at all descriptors.</summary>
    /// <param name="now">The time, in ticks.</param>
    public bool MayAsk(long now) =>
        now - _lookedAt < _limitTicks
        && (IsPaced ? Pace.LeastBytes == 0 : _credit >= EnoughCredit && !_trickles && (_savesCalls || _pieces < FewestOfMany));

    /// <summary>More may be received for it together with what it sends: many pieces come at a time, and before they are waited for, and it is
    /// worth it since it saves a system call.</summary>
    /// <param name="now">The time, in ticks.</param>
    public bool MayReceiveMore(long now) =>
        _savesCalls && MayAsk(now) && !_waited && !IsPaced && Handler!.InputPieces >= FewestOfMany;

    /// <summary>It has been asked, or handed what was received for it, and has taken that.</summary>
    public void Took() => _took = true;

    /// <summary>A round ends, in which input may have been taken.</summary>
    /// <param name="takenAt">When that was, in ticks.</param>
    public void EndRound(long takenAt)
    {
        if (!_took || Handler is not { } handler)
            return;
        _took = false;
        int pieces = handler.InputPieces;
        _trickles = _waits && pieces >= FewestOfTrickle && pieces != _pieces;
        _pieces = pieces;
        _waited = _waits;
        _waits = false;
        if (_looksAlone < EnoughCredit)
            return;
        if (_pacedFd != Fd)
        {
            _pacedFd = Fd;
            Pace.Forget();
        }
        Pace.Took(takenAt, pieces, handler.InputBytes, _waited);
    }

    /// <summary>A look found one descriptor ready, and no more.</summary>
    public void FoundOne(IPollHandler? handler, int fd, long now)
    {
        _lookedAt = now;
        _took = true;
        if (fd == Fd)
        {
            _looksAlone = Math.Min(_looksAlone + 1, EnoughCredit);
            _credit = Math.Min(_credit + 1, MostCredit);
            return;
        }
        Fd = fd;
        Handler = handler as IInputHandler;
        _credit = Handler is null ? int.MinValue : 0;
        _looksAlone = 0;
    }

    /// <summary>A look found none.</summary>
    public void FoundNone(long now)
    {
        _lookedAt = now;
        _waits = true;
    }

    /// <summary>A look found several: there is no such handler.</summary>
    public void Forget()
    {
        Fd = -1;
        Handler = null;
        _credit = 0;
        _looksAlone = 0;
        _took = false;
    }

    /// <summary>The descriptor is not watched for input any more.</summary>
    public void Unwatched(int fd)
    {
        if (fd == _pacedFd)
            _pacedFd = -1;
        if (fd == Fd)
            Forget();
    }

    /// <summary>The handler was asked in vain.</summary>
    /// <param name="isSpinning">A look at all descriptors would have been made otherwise, and not gone to sleep: nothing is lost.</param>
    public void Missed(bool isSpinning)
    {
        _waits = true;
        if (!isSpinning)
            _credit -= MissCost;
    }
}
