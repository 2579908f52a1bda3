using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Target.Tests.Core;

/// <summary>Unlimited buffers, until the test makes them unavailable.</summary>
internal sealed class SimulatedBuffers : IDataBuffers
{
    private readonly Queue<IBufferWaiter> _waiters = new();

    public bool IsEmpty { get; set; }

    public int Rented { get; private set; }

    public bool TryRent(int length, BufferUse use, out Memory<byte> buffer)
    {
        buffer = default;
        if (IsEmpty)
            return false;
        buffer = new byte[length];
        buffer.Span.Fill(0xEE);
        Rented++;
        return true;
    }

    public void Return(Memory<byte> buffer) => Rented--;

    public void Wait(IBufferWaiter waiter) => _waiters.Enqueue(waiter);

    public void StopWaiting(IBufferWaiter waiter)
    {
        for (int left = _waiters.Count; left > 0; left--)
        {
            IBufferWaiter next = _waiters.Dequeue();
            if (next != waiter)
                _waiters.Enqueue(next);
        }
    }
}
