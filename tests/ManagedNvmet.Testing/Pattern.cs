namespace ManagedNvmet.Testing;

/// <summary>Bytes that tell where they belong: different for each seed, and at each offset of a few hundred.</summary>
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
