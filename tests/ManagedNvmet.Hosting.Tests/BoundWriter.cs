using System.IO.Pipelines;

namespace ManagedNvmet.Hosting.Tests;

/// <summary>Counts what its user writes before a flush, and while one is under way.</summary>
internal sealed class BoundWriter(PipeWriter inner) : PipeWriter
{
    private int _unflushed;
    private volatile bool _isFlushing;

    /// <summary>Most bytes that were written between two flushes.</summary>
    public int MostUnflushedBytes { get; private set; }

    /// <summary>Writes that did not wait for the end of a flush.</summary>
    public int WritesDuringFlush { get; private set; }

    public override void Advance(int bytes)
    {
        if (_isFlushing)
            WritesDuringFlush++;
        _unflushed += bytes;
        MostUnflushedBytes = Math.Max(MostUnflushedBytes, _unflushed);
        inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _isFlushing = true;
        FlushResult result = await inner.FlushAsync(cancellationToken);
        _unflushed = 0;
        _isFlushing = false;
        return result;
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
