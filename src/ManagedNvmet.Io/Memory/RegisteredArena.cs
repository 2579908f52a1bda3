using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Io.Memory;

/// <summary>The pieces of a shard's arena that are registered with its ring: the kernel looks up registered memory once, not at each
/// transfer.</summary>
/// <remarks>A piece is registered when it is first used, since registering commits and locks its memory. Where the kernel refuses,
/// transfers use unregistered memory. Belongs to the shard's thread.</remarks>
internal sealed class RegisteredArena
{
    private readonly UringRing _ring;
    private readonly BufferArena _arena;
    private readonly bool[] _isRegistered;
    private bool _isRefused;

    public RegisteredArena(UringRing ring, BufferArena arena)
    {
        _ring = ring;
        _arena = arena;
        _isRegistered = new bool[arena.PieceCount];
        _isRefused = ring.RegisterEmptyBuffers(arena.PieceCount) < 0;
    }

    /// <summary>Pieces that are registered now.</summary>
    public int Count { get; private set; }

    /// <summary>The index of the registered buffer that the memory lies in, or -1 when it lies in none.</summary>
    public int IndexOf(Memory<byte> buffer)
    {
        if (_isRefused)
            return -1;
        int piece = _arena.PieceOf(buffer);
        if (piece < 0 || _isRegistered[piece])
            return piece;
        return TryRegister(piece) ? piece : -1;
    }

    private bool TryRegister(int piece)
    {
        _isRefused = _ring.RegisterBuffer(piece, _arena.Piece(piece)) != 1;
        if (_isRefused)
            return false;
        _isRegistered[piece] = true;
        Count++;
        return true;
    }
}
