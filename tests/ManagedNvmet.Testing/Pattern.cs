namespace ManagedNvmet.Testing;

/// <summary>Test data in which misplaced bytes are detected: it differs for each seed and, within a few hundred bytes, for each
/// offset.</summary>
public static class Pattern
{
    public static byte At(int seed, int offset) => (byte)((seed * 37) + offset + (offset / 251));

    public static void Fill(Span<byte> bytes, int seed)
    {
        for (int index = 0; index < bytes.Length; index++)
            bytes[index] = At(seed, index);
    }

    public static byte[] Make(int length, int seed)
    {
        var bytes = new byte[length];
        Fill(bytes, seed);
        return bytes;
    }
}
