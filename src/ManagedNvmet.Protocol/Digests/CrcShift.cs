namespace ManagedNvmet.Protocol.Digests;

/// <summary>Moves a CRC32C state past a fixed number of zero bytes by four table look-ups: the way to combine streams.</summary>
internal sealed class CrcShift
{
    // By byte of the state and its value. Moving is linear, so the parts of a state can be moved one by one and added.
    private readonly uint[] _byByte = new uint[4 * 256];

    /// <param name="zeroBytes">How far, in bytes.</param>
    public CrcShift(int zeroBytes)
    {
        var byBit = new uint[32];
        for (int bit = 0; bit < byBit.Length; bit++)
        {
            uint state = 1u << bit;
            for (int moved = 0; moved < zeroBytes; moved++)
                state = Crc32C.AppendZero(state);
            byBit[bit] = state;
        }
        for (int index = 0; index < _byByte.Length; index++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                if ((index >> bit & 1) != 0)
                    _byByte[index] ^= byBit[(index / 256 * 8) + bit];
            }
        }
    }

    /// <summary>The state after the zeros.</summary>
    public uint Apply(uint state) =>
        _byByte[(byte)state] ^ _byByte[256 + (byte)(state >> 8)] ^ _byByte[512 + (byte)(state >> 16)] ^ _byByte[768 + (state >> 24)];
}
